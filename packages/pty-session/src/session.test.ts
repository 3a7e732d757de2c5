import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { faultyFs } from './log/faulty-fs.ts'
import { openLogReader } from './log/log-reader.ts'
import { createPtySession, type SessionRuntime } from './session.ts'
import { bytesOf, textOf, typist, untilExited, untilSaid } from './testing/read-all.ts'
import type { PtySession, SessionEvent, SessionOptions } from './types.ts'

const env = { PATH: '/usr/bin:/bin', HOME: '/' }

function open(
  options: Partial<SessionOptions> = {},
  runtime?: SessionRuntime,
): PtySession & { readonly logDir: string } {
  const logDir = join(temporaryFolder(onTestFinished), 'log')
  const session = createPtySession({ id: 'test', logDir, command: 'sh', env, ...options }, runtime)
  onTestFinished(async () => {
    await session.end({ graceMs: 300 })
    session.close()
  })
  // Its state must stay the live one, so it is not copied.
  return Object.assign(session, { logDir })
}

describe('pty session', () => {
  it('runs a shell, types into it and keeps what it says', async () => {
    const session = open()
    await typist(session)('echo a$((40+2))b\n')
    await untilSaid(session, 'a42b')
  })

  it('has every byte in the log before it says that the program has exited', async () => {
    const session = open({ args: ['-c', 'head -c 300000 /dev/zero | tr "\\0" x; exit 7'] })
    const exit = await untilExited(session)
    expect(exit).toEqual({ code: 7, signal: undefined, offset: 300_000 })
    expect(bytesOf(session).length).toBe(300_000)
  })

  it('names the signal that ended the program', async () => {
    const session = open({ args: ['-c', 'kill -9 $$'] })
    expect(await untilExited(session)).toMatchObject({ code: undefined, signal: 'SIGKILL' })
  })

  it('types each number once, whatever is sent again', async () => {
    const session = open({ args: ['-c', 'stty raw -echo; echo ready; exec cat'] })
    await untilSaid(session, 'ready')
    const send = (seq: number, text: string) =>
      session.input({ clientId: 'a', seq, bytes: Buffer.from(text) })
    await send(1, 'one.')
    await send(2, 'two.')
    await send(1, 'one.')
    await send(2, 'two.')
    await send(3, 'three.')
    await untilSaid(session, 'three.')
    expect(textOf(session)).toMatch(/one\.two\.three\.$/)
    expect(await session.inputSeq('a')).toBe(3)
  })

  it('counts a number without bytes, and types nothing', async () => {
    const session = open({ args: ['-c', 'stty raw -echo; echo ready; exec cat'] })
    await untilSaid(session, 'ready')
    const type = typist(session, 'a')
    await type('one.')
    await type('')
    await type('two.')
    await untilSaid(session, 'one.two.')
    expect(await session.inputSeq('a')).toBe(3)
  })

  it('refuses a number that leaves one out, and names the one it waits for', async () => {
    const session = open()
    await expect(
      session.input({ clientId: 'a', seq: 2, bytes: Buffer.from('x') }),
    ).rejects.toMatchObject({ code: 'INPUT_GAP', expected: 1 })
  })

  it('refuses input after the exit', async () => {
    const session = open({ args: ['-c', 'true'] })
    await untilExited(session)
    await expect(typist(session)('x')).rejects.toMatchObject({ code: 'ENDED' })
  })

  it('tells the program its size, and everybody when it changes', async () => {
    const session = open({ cols: 100, rows: 30 })
    const events: SessionEvent[] = []
    session.subscribe((event) => events.push(event))
    session.resize({ cols: 120, rows: 40 })
    session.resize({ cols: 120, rows: 40 })
    await typist(session)('stty size\n')
    await untilSaid(session, '40 120')
    expect(events.filter((event) => event.type === 'resized')).toEqual([
      { type: 'resized', size: { cols: 120, rows: 40 } },
    ])
  })

  it('clamps a size that no terminal has', () => {
    const session = open()
    session.resize({ cols: 0, rows: Number.NaN })
    expect(session.size).toEqual({ cols: 1, rows: 1 })
    session.resize({ cols: 1e9, rows: -4 })
    expect(session.size).toEqual({ cols: 10_000, rows: 1 })
  })

  it('ends every process of the session, also those that ignore the hang-up', async () => {
    const session = open({
      args: ['-c', 'trap "" HUP TERM; sh -c "trap \\"\\" HUP TERM; echo up; sleep 1000"'],
    })
    await untilSaid(session, 'up')
    await session.end({ graceMs: 200 })
    await untilExited(session)
  })

  it('gives the program the environment it was told and nothing of ours', async () => {
    process.env['AI_CONDUCTOR_PASSWORD'] = 'secret'
    onTestFinished(() => void delete process.env['AI_CONDUCTOR_PASSWORD'])
    const session = open({ args: ['-c', 'env'] })
    await untilExited(session)
    const names = textOf(session).match(/^[A-Z_]+(?==)/gm) ?? []
    expect(names.sort()).toEqual(['HOME', 'PATH', 'PWD', 'TERM'])
  })

  it('says which field is wrong when there is no such command or folder', () => {
    expect(() => open({ command: 'no-such-command' })).toThrow('no-such-command')
    expect(() => open({ cwd: '/no/such/folder' })).toThrow('/no/such/folder')
  })

  it('tells its listeners of growth only when the bytes can be read', async () => {
    const session = open({ args: ['-c', 'seq 1 20000'] })
    let readable = true
    session.subscribe((event) => {
      if (event.type === 'grew') readable &&= bytesOf(session).length === session.log.end
    })
    await untilExited(session)
    expect(readable).toBe(true)
  })

  it('lets the program wait while the disk is full, says so, and then loses nothing', async () => {
    const fs = faultyFs()
    const session = open(
      { args: ['-c', 'stty -echo; echo ready; read go; seq 1 50000; exit 5'] },
      { fs },
    )
    await untilSaid(session, 'ready')
    fs.failAll('write', 'ENOSPC')
    const typed = typist(session)
    await typed('go\n')
    await until(() => session.state.name === 'stalled')
    expect(session.state).toMatchObject({ reason: expect.stringContaining('ENOSPC') })
    const stalledAt = session.log.end
    fs.failAll(undefined)
    expect(await untilExited(session)).toMatchObject({ code: 5 })
    expect(session.log.end).toBeGreaterThan(stalledAt)
    const numbers = textOf(session).split('\r\n').slice(1, -1).map(Number)
    expect(numbers).toEqual(Array.from({ length: 50_000 }, (_, i) => i + 1))
  })

  it('has not exited before its exit is in the log', async () => {
    const fs = faultyFs()
    const session = open({ args: ['-c', 'stty -echo; echo ready; read go; exit 5'] }, { fs })
    await untilSaid(session, 'ready')
    fs.failAll('write', 'ENOSPC')
    await typist(session)('go\n')
    await until(() => session.state.name === 'stalled')
    fs.failAll(undefined)
    expect(await untilExited(session)).toMatchObject({ code: 5 })
    const reader = openLogReader(session.logDir)
    expect(reader.examine().exit).toMatchObject({ code: 5 })
  })

  it('is not disturbed by a listener that left', async () => {
    const session = open()
    const stop = session.subscribe(() => {
      throw new Error('it should have left')
    })
    stop()
    await typist(session)('echo fi""ne\n')
    await until(() => textOf(session).includes('fine'))
  })
})
