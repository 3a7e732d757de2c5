import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { openServerLog } from './server-log.ts'

it('the last lines are of this start, without the password, and steer no terminal', () => {
  const stateDir = join(temporaryFolder(onTestFinished), 'data')
  mkdirSync(stateDir)
  writeFileSync(join(stateDir, 'server.log'), 'of the server before\n')
  const log = openServerLog(stateDir)
  onTestFinished(log.close)
  writeSync(log.fd, `Password: secret\n${'more\n'.repeat(20)}it cannot \u001b[2J be\n`)
  expect(log.lastLines()).toEqual([...Array(9).fill('more'), 'it cannot \ufffd[2J be'])
  writeSync(log.fd, 'Password: secret\nlast\n')
  expect(log.lastLines().join()).not.toContain('secret')
  expect(readFileSync(log.path, 'utf8')).toMatch(/^of the server before\n/)
})

it('says what is wrong with a folder that cannot be made', () => {
  const path = join(temporaryFolder(onTestFinished), 'file')
  writeFileSync(path, '')
  expect(() => openServerLog(join(path, 'data'))).toThrow(
    /^\[cli\/BAD_FILE\] cannot write .*ENOTDIR/,
  )
})
