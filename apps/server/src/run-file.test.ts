import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifySelf, type ProcessIdentity } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claimPidFile, claimRunFile, type RunFile, runFileText } from './run-file.ts'

const self = identifySelf()
/** A process that had this pid before us. */
const dead: ProcessIdentity = { ...self, startTime: '1' }

function runFile(identity: ProcessIdentity): RunFile {
  return { pid: identity.pid, port: 0, url: '', startedAt: '2026-01-01T00:00:00Z', identity }
}

describe('the run-file', () => {
  it('is 0600, is replaced whole, and goes with its owner', () => {
    const dir = temporaryFolder(onTestFinished)
    const path = join(dir, 'running.json')
    const claim = claimRunFile(dir, runFile(self))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    claim.rewrite(runFileText({ ...runFile(self), port: 99 }))
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, port: 99 })
    claim.release()
    claim.release()
    expect(existsSync(path)).toBe(false)
  })

  it('refuses a second server, names the holder and changes nothing', () => {
    const dir = temporaryFolder(onTestFinished)
    claimRunFile(dir, runFile(self))
    const before = readFileSync(join(dir, 'running.json'), 'utf8')
    expect(() => claimRunFile(dir, runFile(self))).toThrow(
      expect.objectContaining({
        code: 'HELD',
        text: expect.stringContaining(`already running: pid ${process.pid}`),
      }),
    )
    expect(readFileSync(join(dir, 'running.json'), 'utf8')).toBe(before)
  })

  it('of a dead server is taken over, also when its pid was given to somebody else', () => {
    const dir = temporaryFolder(onTestFinished)
    writeFileSync(join(dir, 'running.json'), runFileText(runFile(dead)))
    claimRunFile(dir, { ...runFile(self), port: 7 })
    expect(readFileSync(join(dir, 'running.json'), 'utf8')).toContain('"port": 7')
  })

  it('is left alone by a predecessor that ends late', () => {
    const dir = temporaryFolder(onTestFinished)
    const old = claimRunFile(dir, runFile(self))
    writeFileSync(join(dir, 'running.json'), 'a successor wrote this')
    old.release()
    expect(existsSync(join(dir, 'running.json'))).toBe(true)
    expect(() => old.rewrite('x')).toThrow(expect.objectContaining({ code: 'HELD' }))
  })
})

describe('the PID file', () => {
  it('has the bare pid on its first line', () => {
    const path = join(temporaryFolder(onTestFinished), 'sub', 'conductor.pid')
    claimPidFile(path, self).release()
    const claim = claimPidFile(path, self)
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(String(process.pid))
    claim.release()
  })

  it('that is stale is taken over; one with a living bare pid is not', () => {
    const path = join(temporaryFolder(onTestFinished), 'conductor.pid')
    writeFileSync(path, `${2 ** 22 + 5}`)
    claimPidFile(path, self).release()
    writeFileSync(path, String(process.ppid))
    expect(() => claimPidFile(path, self)).toThrow(/already running: pid/)
    expect(readFileSync(path, 'utf8')).toBe(String(process.ppid))
  })

  it('never replaces a file that is something else', () => {
    const path = join(temporaryFolder(onTestFinished), 'passwd')
    writeFileSync(path, 'root:x:0:0\n')
    expect(() => claimPidFile(path, self)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }))
    expect(readFileSync(path, 'utf8')).toBe('root:x:0:0\n')
  })
})
