import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createCliToken } from './cli-token.ts'

it('is 32 random bytes for this user alone, another one at each start', () => {
  const stateDir = temporaryFolder(onTestFinished)
  const path = join(stateDir, 'cli-token')
  const first = createCliToken(stateDir)
  const token = readFileSync(path, 'utf8').trim()
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(first.find(token)).toMatchObject({ id: expect.not.stringContaining(token) })

  const second = createCliToken(stateDir)
  expect(second.find(token)).toBeUndefined()
  for (const wrong of ['', token.toUpperCase(), `${token}0`])
    expect(first.find(wrong)).toBeUndefined()

  first.release()
  expect(existsSync(path)).toBe(true)
  second.release()
  second.release()
  expect(existsSync(path)).toBe(false)
})

it('takes a file that others may read out of their hands', () => {
  const stateDir = temporaryFolder(onTestFinished)
  const path = join(stateDir, 'cli-token')
  writeFileSync(path, 'x', { mode: 0o644 })
  createCliToken(stateDir)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})
