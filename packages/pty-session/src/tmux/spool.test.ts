import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { lifeOfSpooler } from './spool.ts'

it('a spooler is not whoever has its pid by now, as after a reboot', () => {
  const dir = temporaryFolder(onTestFinished)
  expect(lifeOfSpooler(dir)).toBe('unborn')
  writeFileSync(join(dir, 'spooler'), '4194999')
  expect(lifeOfSpooler(dir)).toBe('dead')
  writeFileSync(join(dir, 'spooler'), String(process.pid))
  expect(lifeOfSpooler(dir)).toBe(process.platform === 'linux' ? 'dead' : 'alive')
})
