import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { identifySelf, processState } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { claim } from './claim.ts'
import { claimPidfile, inspectPidfile } from './claim-pidfile.ts'
import { pidFormat } from './format.ts'
import type { Backend } from './holder.ts'
import { readPidRecord } from './pid-record.ts'
import { startWorker, writeWorker } from './testing/start-worker.ts'

const hasSqlite = process.getBuiltinModule('node:sqlite' as never) !== undefined
const isLinux = process.platform === 'linux'
const backends: readonly Backend[] = [
  ...(isLinux ? (['flock'] as const) : []),
  ...(hasSqlite ? (['sqlite'] as const) : []),
  'link',
]

let program = ''
beforeAll(() => {
  program = writeWorker(temporaryFolder(afterAll), (text) => {
    const { ES2022: target } = ts.ScriptTarget
    const compilerOptions = { target, rewriteRelativeImportExtensions: true }
    return ts.transpileModule(text, { compilerOptions }).outputText
  })
})

function newPath(): string {
  return join(temporaryFolder(onTestFinished), 'a.pid')
}

const stale = pidFormat.write({ ...identifySelf(), startTime: '1' }, undefined, {})

describe.each(backends)('a holder that is killed (%s)', (backend) => {
  it.each([
    ['in an empty folder', undefined],
    ['on its way to the file of a dead process', stale],
  ])('at any step %s leaves nothing that stops the next one', async (_, before) => {
    const path = newPath()
    const lockFiles = { flock: ['a.pid.lock'], sqlite: ['a.pid.lockdb'], link: [], exlock: [] }
    for (let crashAt = 0, done = false; !done; crashAt++) {
      if (before) writeFileSync(path, before)
      const worker = await startWorker(program, onTestFinished)
      const ended = once(worker.child, 'exit')
      const answer = await worker
        .ask({ type: 'claim', path, backend, crashAt })
        .catch((error: Error) => error.message)
      if (typeof answer === 'string') {
        expect(answer).toBe('the worker ended: SIGKILL')
        await ended
      } else {
        done = true
        const steps = before
          ? ['locked', 'written', 'exists', 'linked', 'guarded', 'replaced', 'claimed']
          : ['locked', 'written', 'linked', 'claimed']
        const all = [...steps, 'update written', 'updated', 'removed']
        expect(answer).toEqual({ type: 'done', steps: all })
      }
      // Without a lock, what is left is taken away when it is old.
      const date = (): number => Date.now() + 60_000
      const next = await claim(path, pidFormat, { backend, patienceMs: 0 }, { date })
      expect(readPidRecord(path)?.pid).toBe(process.pid)
      await next.release()
      expect(readdirSync(dirname(path)), `killed at step ${crashAt}`).toEqual(lockFiles[backend])
    }
  })

  it('is followed at once, while a child that it started lives on', async () => {
    const path = newPath()
    const worker = await startWorker(program, onTestFinished)
    expect(await worker.ask({ type: 'claim', path, backend })).toEqual({ type: 'claimed' })
    const answer = await worker.ask({ type: 'child' })
    const childPid = answer.type === 'child' ? answer.pid : 0
    onTestFinished(() => void process.kill(childPid, 'SIGKILL'))
    await expect(claimPidfile(path, { backend })).rejects.toMatchObject({
      code: 'HELD',
      holder: { pid: worker.child.pid, state: 'alive' },
    })
    worker.child.kill('SIGKILL')
    await once(worker.child, 'exit')
    expect(await inspectPidfile(path)).toMatchObject({ state: 'stale' })
    const next = await claimPidfile(path, { backend, patienceMs: 0 })
    process.kill(childPid, 0)
    await next.release()
  })

  it('is followed at once when it is a zombie', async () => {
    const path = newPath()
    const worker = await startWorker(program, onTestFinished)
    await worker.ask({ type: 'claim', path, backend })
    const identity = readPidRecord(path)?.identity
    if (!identity) throw new Error('no identity')
    worker.child.kill('SIGKILL')
    // We do not look for its end before the claim: until we do, it is a zombie. Synchronously, so that Node cannot.
    while (processState(identity) !== 'dead');
    process.kill(identity.pid, 0)
    const next = await claimPidfile(path, { backend })
    await next.release()
  })
})

describe.runIf(isLinux)('the lock', () => {
  it('is closed in children, whoever starts them', async () => {
    const path = newPath()
    const mine = await claimPidfile(path, { backend: 'flock' })
    const fds = readdirSync('/proc/self/fd').filter(
      (fd) => linkOf(`/proc/self/fd/${fd}`) === `${path}.lock`,
    )
    expect(fds).toHaveLength(1)
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fds[0]}`, 'utf8'))?.[1]
    const cloexec = 0o2000000
    expect(Number.parseInt(flags ?? '', 8) & cloexec).toBe(cloexec)
    await mine.release()
    expect(readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`))).not.toContain(
      `${path}.lock`,
    )
  })

  it('is one on the file that others will lock, also if that was replaced meanwhile', async () => {
    const path = newPath()
    const folder = dirname(path)
    // A `flock` that finds the lock file moved away, the first time.
    const script = `#!/bin/sh\n[ -e ${folder}/old ] || mv ${path}.lock ${folder}/old\nexec flock "$@"`
    mkdirSync(join(folder, 'bin'))
    writeFileSync(
      join(folder, 'bin/flock'),
      script.replace('exec', `PATH=${process.env['PATH']} exec`),
      { mode: 0o755 },
    )
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`)
    onTestFinished(() => void vi.unstubAllEnvs())
    const mine = await claimPidfile(path, { backend: 'flock' })
    const open = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`))
    expect(open).toContain(`${path}.lock`)
    expect(open).not.toContain(join(folder, 'old'))
    await mine.release()
  })

  it('is enough where the pid file was removed by hand', async () => {
    const path = newPath()
    const worker = await startWorker(program, onTestFinished)
    await worker.ask({ type: 'claim', path, backend: 'flock' })
    rmSync(path)
    await expect(claimPidfile(path, { backend: 'flock', patienceMs: 20 })).rejects.toMatchObject({
      code: 'HELD',
      message: expect.stringContaining(`${path}.lock`),
    })
  })

  it('is not needed to know a living holder: where the lock file was removed, the name counts', async () => {
    const path = newPath()
    const worker = await startWorker(program, onTestFinished)
    await worker.ask({ type: 'claim', path, backend: 'flock' })
    rmSync(`${path}.lock`)
    await expect(claimPidfile(path, { backend: 'flock' })).rejects.toMatchObject({
      code: 'HELD',
      holder: { pid: worker.child.pid },
    })
  })
})

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined // It was the descriptor of the listing itself.
  }
}
