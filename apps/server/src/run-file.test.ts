import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifySelf, type ProcessIdentity } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claimPidFile, claimRunFile, type RunFile } from './run-file.ts'

const self = identifySelf()
/** A process that had this pid before us. */
const dead: ProcessIdentity = { ...self, startTime: '1' }
const first: RunFile = { port: 0, url: '', startedAt: '2026-01-01T00:00:00Z' }

describe('the run-file', () => {
  it('is 0600, is replaced whole, and goes with its owner', async () => {
    const dir = temporaryFolder(onTestFinished)
    const path = join(dir, 'running.json')
    const claim = await claimRunFile(dir, first)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    claim.update({ ...first, port: 99 })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      pid: process.pid,
      port: 99,
      identity: self,
    })
    claim.release()
    claim.release()
    expect(existsSync(path)).toBe(false)
  })

  it('refuses a second server, names the holder and changes nothing', async () => {
    const dir = temporaryFolder(onTestFinished)
    const claim = await claimRunFile(dir, first)
    const before = readFileSync(join(dir, 'running.json'), 'utf8')
    await expect(claimRunFile(dir, first)).rejects.toMatchObject({
      code: 'HELD',
      text: expect.stringContaining(`already running: pid ${process.pid}`),
    })
    expect(readFileSync(join(dir, 'running.json'), 'utf8')).toBe(before)
    claim.release()
  })

  it('of a dead server is taken over, also when its pid was given to somebody else', async () => {
    const dir = temporaryFolder(onTestFinished)
    const path = join(dir, 'running.json')
    writeFileSync(path, JSON.stringify({ pid: dead.pid, ...first, identity: dead }))
    const claim = await claimRunFile(dir, { ...first, port: 7 })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ port: 7, identity: self })
    claim.release()
  })

  it('is left alone by a predecessor that ends late', async () => {
    const dir = temporaryFolder(onTestFinished)
    const old = await claimRunFile(dir, first)
    writeFileSync(join(dir, 'running.json'), 'a successor wrote this')
    expect(() => old.update(first)).toThrow(expect.objectContaining({ code: 'HELD' }))
    old.release()
    expect(existsSync(join(dir, 'running.json'))).toBe(true)
  })
})

describe('the PID file', () => {
  it('has the bare pid on its first line', async () => {
    const path = join(temporaryFolder(onTestFinished), 'sub', 'conductor.pid')
    ;(await claimPidFile(path)).release()
    const claim = await claimPidFile(path)
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(String(process.pid))
    claim.release()
    expect(existsSync(path)).toBe(false)
  })

  it('that is stale is taken over; one with a living bare pid is not', async () => {
    const path = join(temporaryFolder(onTestFinished), 'conductor.pid')
    writeFileSync(path, `${2 ** 22 + 5}`)
    ;(await claimPidFile(path)).release()
    writeFileSync(path, String(process.ppid))
    await expect(claimPidFile(path)).rejects.toThrow(/already running: pid/)
    expect(readFileSync(path, 'utf8')).toBe(String(process.ppid))
  })

  it('never replaces a file that is something else', async () => {
    const path = join(temporaryFolder(onTestFinished), 'passwd')
    writeFileSync(path, 'root:x:0:0\n')
    await expect(claimPidFile(path)).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(readFileSync(path, 'utf8')).toBe('root:x:0:0\n')
  })
})
