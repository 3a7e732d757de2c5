import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRestartPolicy } from '@conductor/restart-policy'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { type ProcessRecord, readRecord, removeRecord, writeRecord } from './process-record.ts'

const record = (launches: number): ProcessRecord => ({
  v: 1,
  name: 'a',
  spec: { name: 'a', command: 'sleep', env: { FILLER: 'x'.repeat(1_000) } },
  life: { name: 'stopped', policy: createRestartPolicy({}).initial(1) },
  launches,
})

it('is what was written last, in a folder that is made for it, for nobody else to read', () => {
  const folder = join(temporaryFolder(onTestFinished), 'a')
  expect(readRecord(join(folder, '..'))).toBeUndefined()
  writeRecord(folder, record(1))
  writeRecord(folder, record(2))
  expect(readRecord(folder)).toEqual(record(2))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'process.jsonl')).mode & 0o777).toBe(0o600)
  removeRecord(folder)
  expect(readRecord(folder)).toBeUndefined()
})

it('does not grow for ever', () => {
  const folder = temporaryFolder(onTestFinished)
  for (let launches = 0; launches < 1_000; launches++) writeRecord(folder, record(launches))
  expect(readRecord(folder)).toEqual(record(999))
  expect(statSync(join(folder, 'process.jsonl')).size).toBeLessThan(300_000)
})

it('that was cut in two is passed over, and does not damage the next one', () => {
  const folder = temporaryFolder(onTestFinished)
  writeRecord(folder, record(1))
  appendFileSync(join(folder, 'process.jsonl'), '{"v":1,"name":"a","spec":{"na')
  expect(readRecord(folder)).toEqual(record(1))
  writeRecord(folder, record(2))
  expect(readRecord(folder)).toEqual(record(2))
})

it.each([
  ['text', 'nonsense'],
  ['another version', JSON.stringify({ ...record(1), v: 2 })],
  ['a run without an identity', JSON.stringify({ ...record(1), run: { cookie: 'x' } })],
  ['an unknown state', JSON.stringify({ ...record(1), life: { name: 'asleep', policy: {} } })],
])('of %s is damaged', (_, text) => {
  const folder = temporaryFolder(onTestFinished)
  writeFileSync(join(folder, 'process.jsonl'), text)
  expect(readRecord(folder)).toBe('damaged')
})
