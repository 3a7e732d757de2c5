import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { hasBytes, holdsCap } from './log-room.ts'

const MIB = 1024 * 1024

it('a log and its parts may not take more room than the cap, holes aside', () => {
  const dir = temporaryFolder(onTestFinished)
  for (const part of ['', '.1', '.2'])
    writeFileSync(join(dir, `a.log${part}`), Buffer.alloc(10 * MIB, 1))
  writeFileSync(join(dir, 'other.log'), Buffer.alloc(20 * MIB, 1))
  const fd = openSync(join(dir, 'a.log.3'), 'w')
  writeSync(fd, 'x', 100 * MIB)
  closeSync(fd)
  expect(holdsCap(dir, 'a.log')).toBe(true)
  writeFileSync(join(dir, 'a.log.4'), Buffer.alloc(11 * MIB, 1))
  expect(holdsCap(dir, 'a.log')).toBe(false)
})

it('a log that does not rotate has all its bytes, or is not there yet', () => {
  const path = join(temporaryFolder(onTestFinished), 'out.log')
  expect(hasBytes(path, 1)).toBe(false)
  writeFileSync(path, 'abc')
  expect(hasBytes(path, 3)).toBe(true)
  expect(hasBytes(path, 4)).toBe(false)
})
