import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProbe, type Environment, runProbe } from '../probe.ts'
import { nothingMore } from '../testing/servers.ts'

const shell = (script: string, timeoutMs?: number) =>
  runProbe({ kind: 'exec', command: '/bin/sh', args: ['-c', script] }, { timeoutMs })

/** A pid that a script wrote into a file, once it is there. */
const pidIn = (path: string) => until(() => Number(readFileSync(path, 'utf8')))

function isThere(pid: number): boolean {
  try {
    // In a container without an init nobody waits for orphans: a zombie is gone, too.
    if (process.platform === 'linux')
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('exec', () => {
  it('passes with 0 and fails with any other code; the last line is the message', async () => {
    expect(await shell('exit 0')).toMatchObject({ status: 'pass', message: '' })
    expect(await shell('echo one; echo two; echo')).toMatchObject({
      status: 'pass',
      message: 'two',
    })
    expect(await shell('echo no room >&2; exit 1')).toMatchObject({
      status: 'fail',
      message: 'no room',
    })
    expect(await shell('exit 1')).toMatchObject({ status: 'fail', message: 'exit code 1' })
    expect(await shell('echo odd; exit 3')).toMatchObject({
      status: 'fail',
      message: 'exit code 3: odd',
    })
    expect(await shell('kill -SEGV $$')).toMatchObject({
      status: 'fail',
      message: 'ended by SIGSEGV',
    })
  })

  it('cannot tell when the command cannot run', async () => {
    const folder = temporaryFolder(onTestFinished)
    const file = join(folder, 'no-program')
    writeFileSync(file, 'text')
    const freed = await nothingMore()
    const missing = await runProbe({ kind: 'exec', command: join(folder, 'nothing') })
    expect(missing.status).toBe('unknown')
    expect(missing.message).toMatch(/^cannot run .*nothing: .*ENOENT/)
    expect(await runProbe({ kind: 'exec', command: file })).toMatchObject({ status: 'unknown' })
    const cwd = join(folder, 'nowhere')
    expect(await runProbe({ kind: 'exec', command: '/bin/sh', cwd })).toMatchObject({
      status: 'unknown',
    })
    await freed()
  })

  it('kills the whole group at the limit, also a grandchild that ignores SIGTERM', async () => {
    const file = join(temporaryFolder(onTestFinished), 'pid')
    const freed = await nothingMore()
    const script = `(trap '' TERM HUP INT; echo $$ waits; sh -c 'echo $$ > "$0"; while :; do sleep 1; done' "$0") & wait`
    const args = ['-c', script, file]
    const look = runProbe({ kind: 'exec', command: '/bin/sh', args }, { timeoutMs: 1_000 })
    const pid = await pidIn(file)
    expect(isThere(pid)).toBe(true)
    const { status, message } = await look
    expect(status).toBe('fail')
    expect(message).toMatch(/^no answer within 1000 ms: \d+ waits$/)
    await until(() => !isThere(pid))
    await freed()
  })

  it('kills a command that is stopped', async () => {
    const freed = await nothingMore()
    expect(await shell('kill -STOP $$', 200)).toMatchObject({ status: 'fail' })
    await freed()
  })

  it('kills the group when it is called off', async () => {
    const file = join(temporaryFolder(onTestFinished), 'pid')
    const off = new AbortController()
    const args = ['-c', 'echo $$ > "$0"; sleep 1000', file]
    const look = runProbe({ kind: 'exec', command: '/bin/sh', args }, { signal: off.signal })
    const pid = await pidIn(file)
    off.abort()
    expect(await look).toMatchObject({ status: 'unknown', message: 'called off' })
    await until(() => !isThere(pid))
  })

  it('leaves nothing that the command left behind, and does not wait for it', async () => {
    const file = join(temporaryFolder(onTestFinished), 'pid')
    const freed = await nothingMore()
    const args = ['-c', 'sleep 1000 & echo $! > "$0"; echo done', file]
    const result = await runProbe({ kind: 'exec', command: '/bin/sh', args })
    expect(result).toMatchObject({ status: 'pass', message: 'done' })
    expect(result.durationMs).toBeLessThan(4_000)
    const pid = await pidIn(file)
    await until(() => !isThere(pid))
    await freed()
  })

  it('does not wait for what fled its group and holds the output open', async () => {
    const file = join(temporaryFolder(onTestFinished), 'pid')
    const freed = await nothingMore()
    const program = `const { spawn } = require('node:child_process')
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' })
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid))
      console.log('done')
      child.unref()`
    const args = ['-e', program]
    const look = { kind: 'exec', command: process.execPath, args } as const
    const result = await runProbe(look, { timeoutMs: 20_000 })
    process.kill(await pidIn(file), 'SIGKILL')
    expect(result).toMatchObject({ status: 'pass', message: 'done' })
    expect(result.durationMs).toBeLessThan(15_000)
    await freed()
  })

  it('keeps the end of a flood, in one printable line', async () => {
    const flood = await shell('yes | head -c 3000000; printf "\\033[31mred\\033[0m\\007 end\\r\\n"')
    expect(flood).toMatchObject({ status: 'pass', message: 'red end' })
    const endless = await shell('head -c 100000 /dev/zero | tr "\\0" x')
    expect(endless.message).toMatch(/^x{299}…$/)
  })

  it('inherits the environment without what is for this process alone', async () => {
    const environment: Environment = {
      PATH: process.env['PATH'],
      KEPT: 'kept',
      NOTIFY_SOCKET: '/run/x',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '1',
      LISTEN_FDS: '1',
      LISTEN_PID: '1',
      AI_CONDUCTOR_PASSWORD: 'secret',
    }
    const spec = {
      kind: 'exec',
      command: '/usr/bin/env',
      args: [
        'sh',
        '-c',
        'env | cut -d= -f1 | grep -vE "^(PATH|PWD|SHLVL|_|OLDPWD)$" | sort | xargs',
      ],
      env: { OWN: 'x' },
    } as const
    expect(await createProbe(spec, environment)()).toMatchObject({ message: 'KEPT OWN' })
  })
})
