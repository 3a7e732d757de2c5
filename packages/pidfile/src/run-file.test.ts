import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { claimRunFile, readRunFile } from './run-file.ts'

function newPath(): string {
  return join(temporaryFolder(onTestFinished), 'running.json')
}

it('a run-file is one JSON object with pid, start, owner and identity, and is removed by its owner', async () => {
  const path = newPath()
  const claim = await claimRunFile(path, { port: 0, owner: 'app' }, { mode: 0o600 }, () => 0)
  const identity = identifySelf()
  const startedAt = '1970-01-01T00:00:00.000Z'
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    ...{ pid: process.pid, startedAt, port: 0, owner: 'app', identity },
    lock: claim.backend,
  })
  claim.update({ port: 80, url: 'http://localhost:80', pid: 1 })
  expect(readRunFile(path)).toEqual({
    ...{ pid: process.pid, startedAt, port: 80, url: 'http://localhost:80', identity },
    state: 'alive',
  })
  await expect(claimRunFile(path)).rejects.toMatchObject({
    code: 'HELD',
    holder: { pid: process.pid, data: { port: 80 } },
  })
  await claim.release()
  expect(readRunFile(path)).toBeUndefined()
})

it('a pid of a run-file is believed only with its identity', () => {
  const path = newPath()
  const identity = identifySelf()
  const state = (value: object) => {
    writeFileSync(path, JSON.stringify(value))
    return readRunFile(path)?.state
  }
  expect(state({ pid: process.pid, identity })).toBe('alive')
  expect(state({ pid: process.pid, identity: { ...identity, startTime: '1' } })).toBe('dead')
  expect(state({ pid: 1 })).toBe('unknown')
  expect(state({ pid: 1, identity })).toBe('unknown')
})

it('a run-file of an earlier server is taken over when that is dead; other JSON never', async () => {
  const path = newPath()
  const identity = { ...identifySelf(), startTime: '1' }
  writeFileSync(path, JSON.stringify({ pid: identity.pid, port: 1, identity }, null, 2))
  await (await claimRunFile(path)).release()
  writeFileSync(path, '{"pid":12,"po')
  expect(readRunFile(path)).toBeUndefined()
  await (await claimRunFile(path, {}, { patienceMs: 0 })).release()
  for (const text of ['{"name":1}', '[]', '12\n', '"x"']) {
    writeFileSync(path, text)
    await expect(claimRunFile(path)).rejects.toMatchObject({ code: 'NOT_OURS' })
    expect(() => readRunFile(path)).toThrow(/NOT_OURS/)
    expect(readFileSync(path, 'utf8')).toBe(text)
  }
})
