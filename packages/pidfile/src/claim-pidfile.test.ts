import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import {
  identifyProcess,
  identifySelf,
  isProcessIdentity,
  type ProcessIdentity,
} from '@conductor/process-identity'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { claimPidfile, inspectPidfile } from './claim-pidfile.ts'
import { pidFormat } from './format.ts'
import type { Backend } from './holder.ts'
import { isPidfileError, PidfileError } from './pidfile-error.ts'

const isLinux = process.platform === 'linux'
const isRoot = process.getuid?.() === 0
const kernel: Backend = isLinux ? 'flock' : 'exlock'
const self = identifySelf()

function newPath(): string {
  return join(temporaryFolder(onTestFinished), 'a.pid')
}

/** A file with the given text, in a folder of its own. */
function fileWith(text: string): string {
  const path = newPath()
  writeFileSync(path, text)
  return path
}

function claimed(identity: Partial<ProcessIdentity>, lock?: Backend): string {
  return pidFormat.write({ ...self, ...identity }, lock, { port: 1 })
}

/** The claim ends with its test. */
async function take(...args: Parameters<typeof claimPidfile>): ReturnType<typeof claimPidfile> {
  const claim = await claimPidfile(...args)
  onTestFinished(() => claim.release())
  return claim
}

describe.each([kernel, 'link'] as const)('a claim (%s)', (backend) => {
  it('writes the bare pid, then identity, lock and data as JSON', async () => {
    const path = newPath()
    await take(path, { backend, data: { port: 8_080, text: 'a\nb' } })
    const [pid, json = '', ...rest] = readFileSync(path, 'utf8').split('\n')
    expect(pid).toBe(String(process.pid))
    expect(JSON.parse(json)).toEqual({
      ...self,
      lock: backend,
      data: { port: 8_080, text: 'a\nb' },
    })
    expect(isProcessIdentity(JSON.parse(json))).toBe(true)
    expect(rest).toEqual([''])
  })

  it('has the permissions that were asked for, whatever the umask', async () => {
    const before = process.umask(0o077)
    onTestFinished(() => void process.umask(before))
    const [one, two] = [newPath(), newPath()]
    await take(one, { backend })
    await take(two, { backend, mode: 0o600 })
    expect([one, two].map((path) => statSync(path).mode & 0o777)).toEqual([0o644, 0o600])
  })

  it('refuses a second one, and names holder, path and what to do', async () => {
    const path = newPath()
    await take(path, { backend, data: { port: 1 } })
    const before = readFileSync(path, 'utf8')
    const error: unknown = await claimPidfile(path, { backend }).catch((each) => each)
    expect(isPidfileError(error, 'HELD')).toBe(true)
    expect(error).toMatchObject({
      message: `[pidfile/HELD] ${path} is held by pid ${process.pid}, which is alive; stop it first (kill ${process.pid}), or choose another path`,
      holder: {
        pid: process.pid,
        identity: self,
        state: 'alive',
        data: { port: 1 },
        lock: backend,
      },
    })
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('replaces its data in one step', async () => {
    const path = newPath()
    const claim = await take(path, { backend, mode: 0o600, data: { port: 0 } })
    claim.update({ port: 7 })
    expect(await inspectPidfile(path)).toMatchObject({
      state: 'held',
      holder: { data: { port: 7 } },
    })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await claim.release()
    expect(() => claim.update({})).toThrow(/NOT_OURS.*released/)
    expect(await inspectPidfile(path)).toEqual({ state: 'absent' })
  })

  it('leaves nothing but the lock file, and may be released twice and while the process exits', async () => {
    const path = newPath()
    const claim = await claimPidfile(path, { backend })
    void claim.release()
    expect(readdirSync(dirname(path))).toEqual(backend === 'link' ? [] : ['a.pid.lock'])
    const next = await take(path, { backend })
    await claim.release()
    await claim[Symbol.asyncDispose]()
    expect(await inspectPidfile(path)).toMatchObject({ state: 'held' })
    expect(next.backend).toBe(backend)
  })

  it('does not release or change what another has put there', async () => {
    const path = newPath()
    const claim = await claimPidfile(path, { backend })
    rmSync(path)
    writeFileSync(path, '1\n')
    expect(() => claim.update({})).toThrow(/NOT_OURS.*replaced/)
    await claim.release()
    expect(readFileSync(path, 'utf8')).toBe('1\n')
  })

  it.each([
    ['a pid that was used again', claimed({ startTime: '1' })],
    ['another boot of this machine', claimed({ bootId: 'before', startTime: '1' })],
    ['a process that has ended', `${2 ** 22 + 1}\n`],
    ['our own pid and no more, as in a container that was started again', `${process.pid}\n`],
  ])('takes over a file of %s', async (_, text) => {
    const path = fileWith(text)
    expect(await inspectPidfile(path)).toMatchObject({ state: 'stale' })
    await take(path, { backend })
    expect(await inspectPidfile(path)).toMatchObject({ holder: { pid: process.pid } })
    expect(readdirSync(dirname(path)).filter((name) => !name.endsWith('.lock'))).toEqual(['a.pid'])
  })

  it.each([
    ['is alive, of another user or not', claimed(identifyProcess(1) ?? { pid: 1 }), 'alive'],
    ['is a living pid without identity', '1\n', 'unknown'],
    ['runs on another machine', claimed({ host: 'elsewhere', bootId: 'other' }), 'unknown'],
    ['runs in another pid namespace', claimed({ pidNamespace: 'pid:[1]' }), 'unknown'],
  ])('respects a holder that %s', async (_, text, state) => {
    const path = fileWith(text)
    await expect(claimPidfile(path, { backend })).rejects.toMatchObject({
      code: 'HELD',
      holder: { state },
    })
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(await inspectPidfile(path)).toMatchObject({
      state: state === 'alive' ? 'held' : 'unknown',
    })
  })

  it.each([
    ['garbage', 'hello\n'],
    ['a pid and something else', '12\nhello\n'],
    ['a negative pid', '-1\n'],
    ['0', '0\n'],
    ['some JSON', '{"name":"x"}'],
    ['a large file', `1\n${' '.repeat(70_000)}`],
  ])('never overwrites %s', async (_, text) => {
    const path = fileWith(text)
    await expect(claimPidfile(path, { backend })).rejects.toMatchObject({ code: 'NOT_OURS' })
    await expect(inspectPidfile(path)).rejects.toMatchObject({ code: 'NOT_OURS' })
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('follows no symbolic link, wherever it points', async () => {
    const path = newPath()
    symlinkSync('nowhere', path)
    await expect(claimPidfile(path, { backend })).rejects.toMatchObject({ code: 'NOT_OURS' })
    rmSync(path)
    mkdirSync(path)
    await expect(claimPidfile(path, { backend })).rejects.toBeInstanceOf(PidfileError)
  })
})

describe('a half-written file', () => {
  const torn = ['', '\n', '\0\0\0', '12\n{', '12\n{"pid":12,"start']

  it.each(torn)('%j is taken at once where a lock tells that nobody writes it', async (text) => {
    const path = fileWith(text)
    const clock = fakeClock()
    await take(path, { backend: kernel, clock })
    expect(clock.pending).toBe(0)
  })

  it.each(torn)('%j is respected for a while where nothing tells, then taken', async (text) => {
    const path = fileWith(text)
    expect(await inspectPidfile(path)).toEqual({ state: 'unknown' })
    const clock = fakeClock()
    let settled = false
    const claim = take(path, { backend: 'link', clock, patienceMs: 1_000 }).finally(() => {
      settled = true
    })
    await until(() => clock.pending === 1)
    while (clock.now() < 999) {
      clock.advance(1)
      await until(() => clock.pending === 1)
    }
    expect(settled).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe(text)
    clock.advance(1)
    await claim
  })

  it('that is finished in time has a holder', async () => {
    const path = fileWith('')
    const clock = fakeClock()
    const claim = claimPidfile(path, { backend: 'link', clock })
    const refused = expect(claim).rejects.toMatchObject({ code: 'HELD', holder: { pid: 1 } })
    await until(() => clock.pending === 1)
    writeFileSync(path, '1\n')
    clock.advance(100)
    await refused
  })
})

describe.runIf(isLinux)('a lock that is free', () => {
  const elsewhere = { pidNamespace: 'pid:[1]' }

  it('proves that nobody on this kernel holds the file, in whatever container', async () => {
    await take(fileWith(claimed(elsewhere, 'flock')), { backend: 'flock' })
  })

  it('proves nothing about a holder that had another lock, or none', async () => {
    for (const lock of ['sqlite', 'link', undefined] as const) {
      const path = fileWith(claimed(elsewhere, lock))
      await expect(claimPidfile(path, { backend: 'flock' })).rejects.toMatchObject({ code: 'HELD' })
    }
    const path = fileWith(claimed(elsewhere, 'link'))
    await expect(claimPidfile(path, { backend: 'link' })).rejects.toMatchObject({ code: 'HELD' })
  })
})

describe('a folder or file that is not ours', () => {
  it('is refused when others may write there, unless only owners may remove', async () => {
    const path = newPath()
    for (const mode of [0o777, 0o770, 0o702]) {
      chmodSync(dirname(path), mode)
      await expect(claimPidfile(path)).rejects.toMatchObject({ code: 'NOT_OURS' })
    }
    await (await claimPidfile(path, { trustFolder: true })).release()
    chmodSync(dirname(path), 0o1777)
    await take(path)
  })

  it.runIf(isRoot)('is refused when it belongs to another user', async () => {
    const path = fileWith('')
    chownSync(path, 65_534, 65_534)
    await expect(claimPidfile(path)).rejects.toMatchObject({ code: 'NOT_OURS' })
    expect(await inspectPidfile(path)).toEqual({ state: 'unknown' })
    chownSync(dirname(path), 65_534, 65_534)
    await expect(claimPidfile(path)).rejects.toMatchObject({ code: 'NOT_OURS' })
  })

  it('is refused when the lock file is a link', async () => {
    const path = newPath()
    symlinkSync('/etc/passwd', `${path}.lock`)
    await expect(claimPidfile(path, { backend: kernel })).rejects.toMatchObject({
      code: 'NOT_OURS',
    })
  })

  it('is unreadable when it is missing or read-only, with the cause', async () => {
    const cause = { code: 'ENOENT' }
    const missing = join(newPath(), 'no/a.pid')
    await expect(claimPidfile(missing)).rejects.toMatchObject({ code: 'UNREADABLE', cause })
    // Nobody can write here, not even root.
    const readOnly = isLinux ? '/proc/a.pid' : '/a.pid'
    for (const backend of [kernel, 'link'] as const)
      await expect(claimPidfile(readOnly, { backend })).rejects.toMatchObject({
        code: 'UNREADABLE',
        cause: { code: expect.stringMatching(/^E/) },
      })
  })
})

describe('options', () => {
  it('that cannot be are refused', async () => {
    await expect(claimPidfile('a.pid')).rejects.toThrow(RangeError)
    await expect(claimPidfile('/tmp/a.pid', { mode: 0o1000 })).rejects.toThrow(RangeError)
    await expect(claimPidfile('/tmp/a.pid', { patienceMs: Number.NaN })).rejects.toThrow(RangeError)
  })

  it('for a lock that this system does not have end in LOCK_FAILED', async () => {
    const backend = isLinux ? 'exlock' : 'flock'
    await expect(claimPidfile(newPath(), { backend })).rejects.toMatchObject({
      code: 'LOCK_FAILED',
    })
  })

  it.runIf(isLinux)('choose by themselves the best that there is', async () => {
    expect((await take(newPath())).backend).toBe('flock')
    vi.stubEnv('PATH', '/nowhere')
    onTestFinished(() => void vi.unstubAllEnvs())
    const hasSqlite = process.getBuiltinModule('node:sqlite' as never) !== undefined
    expect((await take(newPath())).backend).toBe(hasSqlite ? 'sqlite' : 'link')
  })
})
