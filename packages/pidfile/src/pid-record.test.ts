import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { readPidRecord, removePidRecord, writePidRecord } from './pid-record.ts'

const self = identifySelf()

function newPath(): string {
  return join(temporaryFolder(onTestFinished), 'daemon.pid')
}

it('a record is read as it was written, replaced in one step, and leaves no other file', () => {
  const path = newPath()
  expect(readPidRecord(path)).toBeUndefined()
  writePidRecord(path, self, { port: 1 })
  expect(readPidRecord(path)).toEqual({ pid: self.pid, identity: self, data: { port: 1 } })
  expect(readFileSync(path, 'utf8')).toMatch(/^\d+\n\{.*\}\n$/)
  const { ino } = statSync(path)
  writeFileSync(`${path}.new`, 'left by a crash')
  writePidRecord(path, { ...self, pid: 12 })
  expect(readPidRecord(path)).toEqual({ pid: 12, identity: { ...self, pid: 12 } })
  expect(statSync(path).ino).not.toBe(ino)
  expect(readdirSync(dirname(path))).toEqual(['daemon.pid'])
})

it('a record is removed only for the process that it names', () => {
  const path = newPath()
  expect(removePidRecord(path, self)).toBe(false)
  writePidRecord(path, self)
  const others = [
    { startTime: '1' },
    { pid: 1 },
    { bootId: '' },
    { host: '' },
    { pidNamespace: '' },
  ]
  for (const other of others) expect(removePidRecord(path, { ...self, ...other })).toBe(false)
  expect(readPidRecord(path)).toBeDefined()
  expect(removePidRecord(path, self)).toBe(true)
  expect(readdirSync(dirname(path))).toEqual([])
})

it('a bare pid has no identity; anything else names nobody', () => {
  const path = newPath()
  writeFileSync(path, '12\n')
  expect(readPidRecord(path)).toEqual({ pid: 12 })
  expect(removePidRecord(path, { ...self, pid: 12 })).toBe(false)
  for (const text of ['', 'x', '-1\n', '12\n{']) {
    writeFileSync(path, text)
    expect(readPidRecord(path)).toBeUndefined()
  }
})

it('a record that is a link is refused, and so is a folder that is missing', () => {
  const path = newPath()
  symlinkSync('/etc/passwd', path)
  expect(() => readPidRecord(path)).toThrow(/NOT_OURS/)
  writePidRecord(path, self) // It replaces the link, not what the link points to.
  expect(statSync(path).isFile()).toBe(true)
  expect(() => writePidRecord(join(path, 'x'), self)).toThrow(/UNREADABLE/)
})
