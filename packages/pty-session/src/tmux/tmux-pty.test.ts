import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, processState } from '@conductor/process-identity'
import { seeded, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { faultyFs } from '../log/faulty-fs.ts'
import type { Pty } from '../pty/pty.ts'
import { createPtySession } from '../session.ts'
import { bytesOf, textOf, typist, untilExited, untilSaid } from '../testing/read-all.ts'
import { RAW_CAT } from '../testing/test-pty.ts'
import { hasTmux, testTmux, tmuxEnv } from './tmux-testing.ts'

const linux = process.platform === 'linux'

describe.skipIf(!hasTmux)('a program in tmux', () => {
  it('is a session like any other: says, hears, has a size, ends with its code', async () => {
    const { start, dir } = testTmux(onTestFinished)
    const session = start({ cols: 100, rows: 33 })
    await typist(session)('echo a$((40+2))b; stty size; exit 3\n')
    expect(await untilExited(session)).toMatchObject({ code: 3, signal: undefined })
    expect(textOf(session)).toContain('a42b')
    expect(textOf(session)).toContain('33 100')
    // Nothing of it is left but its log.
    expect(readdirSync(join(dir, 'tmux'))).toEqual([])
  })

  it('is heard from its first byte, even if it ends at once', async () => {
    const { start } = testTmux(onTestFinished)
    for (const id of ['1', '2', '3', '4', '5']) {
      const session = start({ id, args: ['-c', `printf 'said by ${id}'; exit ${id}`] })
      expect(await untilExited(session)).toMatchObject({ code: Number(id) })
      expect(textOf(session)).toBe(`said by ${id}`)
    }
  })

  it('is heard byte for byte: what tmux would draw otherwise comes as it was written', async () => {
    const { start, dir } = testTmux(onTestFinished)
    const random = seeded(7)
    const bytes = Buffer.from(
      Array.from({ length: 3 * 1024 * 1024 }, () => Math.floor(random() * 256)),
    )
    const file = join(dir, 'bytes')
    writeFileSync(file, bytes)
    // It goes only when asked: see Limits for what tmux drops of a program that ends at once.
    const session = start({ args: ['-c', `stty raw -echo; cat ${file}; read go`] })
    await until(() => session.log.end >= bytes.length, { what: 'all is heard', timeoutMs: 15_000 })
    await typist(session)('\n')
    await untilExited(session)
    expect(hash(bytesOf(session))).toBe(hash(bytes))
  })

  it('gets every byte that is typed, also long pastes, also while a person scrolls in it', async () => {
    const { start, tmux } = testTmux(onTestFinished)
    const session = start({ args: ['-c', RAW_CAT] })
    await untilSaid(session, 'ready')
    const from = session.log.end
    await tmux.run(['copy-mode', '-t', '=a-1:'])
    const type = typist(session)
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const long = Buffer.alloc(300_000, '\x1b[200~;"\'#{pid}$(id)\n')
    await Promise.all([type(all), type(long), type(all)])
    await until(() => session.log.end - from === 300_512, { what: 'all is echoed' })
    expect(hash(bytesOf(session, from))).toBe(hash(Buffer.concat([all, long, all])))
  })

  it('types each number once', async () => {
    const { start } = testTmux(onTestFinished)
    const session = start({ args: ['-c', RAW_CAT] })
    await untilSaid(session, 'ready')
    const once = { clientId: 'a', seq: 1, bytes: Buffer.from('once.') }
    await Promise.all([session.input(once), session.input(once)])
    await session.input({ clientId: 'a', seq: 2, bytes: Buffer.from('done.') })
    await untilSaid(session, 'done.')
    expect(textOf(session)).toMatch(/ready\s*once\.done\.$/)
  })

  it('is never confused with one whose name begins with its own', async () => {
    const { start, ptys, tmux } = testTmux(onTestFinished)
    const other = start({ id: 'a-14', args: ['-c', RAW_CAT] })
    await untilSaid(other, 'ready')
    const short = start({ id: 'a-1', args: ['-c', RAW_CAT] })
    await untilSaid(short, 'ready')
    await typist(short)('for a-1')
    await untilSaid(short, 'for a-1')
    // Somebody takes it away behind our back: then only a-14 has that prefix.
    await tmux.run(['kill-session', '-t', '=a-1'])
    await typist(short, 'late')('into the void').catch(() => {})
    short.resize({ cols: 11, rows: 11 })
    await short.end({ graceMs: 0 })
    expect(await untilExited(short)).toMatchObject({ signal: 'SIGHUP' })
    await typist(other)('for a-14')
    await untilSaid(other, 'for a-14')
    expect(textOf(other)).not.toMatch(/void|for a-1$/)
    expect(other.state.name).toBe('running')
    expect(await sizeOf(tmux, 'a-14')).toBe('80x24')
    expect(() => ptys.found()).not.toThrow()
  })

  it.each([
    ['quotes', `a'b"c`],
    ['what tmux expands', '#{pid}$(touch x)%s#[fg=red]'],
    ['its separators', 'a.b:c;'],
    ['a path', '../../etc'],
    ['an option', '-t'],
    ['other scripts', 'δ\n漢'],
  ])('may have an id with %s', async (_, id) => {
    const { start, dir } = testTmux(onTestFinished)
    const session = start({ id, args: ['-c', 'read line; echo got $line'] })
    await typist(session)('it\n')
    expect(await untilExited(session)).toMatchObject({ code: 0 })
    expect(textOf(session)).toContain('got it')
    expect(readdirSync(join(dir, 'tmux'))).toEqual([])
  })

  it('may be started by 100 KB of arguments and as much of environment, as they are', async () => {
    const { start } = testTmux(onTestFinished)
    const long = `${'x'.repeat(100_000)}'"$(id)\n;#{pid}%`
    const script = `printf '%s\\0' "$1" "$LONG" "$2" | sha256sum`
    const session = start({
      args: ['-c', script, 'sh', long, ';'],
      env: { ...tmuxEnv, LONG: long },
    })
    await untilExited(session)
    expect(textOf(session)).toContain(hash(Buffer.from(`${long}\0${long}\0;\0`)))
  })

  it.runIf(linux)('has its own environment and nothing of ours or of tmux', async () => {
    const { start, dir } = testTmux(onTestFinished)
    process.env['AI_CONDUCTOR_PASSWORD'] = 'very secret'
    onTestFinished(() => void delete process.env['AI_CONDUCTOR_PASSWORD'])
    const session = start({
      command: 'sleep',
      args: ['1000'],
      env: { ...tmuxEnv, 'ODD-NAME': 'x=y' },
    })
    await until(() => readFileSync(`/proc/${session.pid}/comm`, 'utf8').startsWith('sleep'))
    const environ = readFileSync(`/proc/${session.pid}/environ`, 'utf8').split('\0').filter(Boolean)
    expect(environ.sort()).toEqual(
      ['HOME=/', 'ODD-NAME=x=y', 'PATH=/usr/bin:/bin', 'PWD=/', 'TERM=xterm-256color'].sort(),
    )
    // What it was started with is off the disk.
    expect(existsSync(join(dir, 'tmux', 'a-1', 'launch'))).toBe(false)
  })

  it('does not depend on the configuration of the user', async () => {
    const { start, dir, tmux } = testTmux(onTestFinished)
    writeFileSync(
      join(dir, '.tmux.conf'),
      'set -g base-index 7\nset -g pane-base-index 7\nset -g default-command false\nset -g remain-on-exit off\nset -g prefix C-q\nkill-server\n',
    )
    const session = start({})
    expect((await tmux.run(['show-options', '-gv', 'base-index'])).trim()).toBe('0')
    await typist(session)('exit 5\n')
    expect(await untilExited(session)).toMatchObject({ code: 5 })
  })

  it('that a signal ends says which', async () => {
    const { start } = testTmux(onTestFinished)
    const session = start({ command: 'sleep', args: ['1000'] })
    session.signal('SIGKILL')
    expect(await untilExited(session)).toMatchObject({ code: undefined, signal: 'SIGKILL' })
  })

  it('has the size it is given', async () => {
    const { start } = testTmux(onTestFinished)
    const session = start({})
    session.resize({ cols: 120, rows: 41 })
    const type = typist(session)
    await type('stty si""ze\n')
    await untilSaid(session, '41 120')
  })

  it.runIf(linux)('ends with every process in it, whatever they ignore', async () => {
    const { start } = testTmux(onTestFinished)
    const session = start({})
    await typist(session)(`sh -c 'trap "" HUP TERM; echo pi""d=$$; sleep 1000' &\n`)
    await untilSaid(session, 'pid=')
    const left = identifyProcess(Number(/pid=(\d+)/.exec(textOf(session))?.[1]))
    if (!left) throw new Error('nothing was left behind')
    await session.end({ graceMs: 300 })
    expect(processState(left)).toBe('dead')
    expect(session.state.name).toBe('exited')
  })

  it('has ended when its own process has, whoever keeps its terminal', async () => {
    const { start } = testTmux(onTestFinished)
    const session = start({ args: ['-c', 'trap "" HUP; sleep 1000 & exit 4'] })
    expect(await untilExited(session)).toMatchObject({ code: 4 })
  })

  it('is lost when its tmux is proved dead, and not while it is only stopped', async () => {
    const { start, tmux } = testTmux(onTestFinished)
    const session = start({})
    await typist(session)('echo be""fore\n')
    await untilSaid(session, 'before')
    const server = Number(await tmux.run(['display-message', '-p', '#{pid}']))
    process.kill(server, 'SIGSTOP')
    const typed = typist(session, 'b')('echo la""te\n')
    process.kill(session.pid, 'SIGWINCH')
    expect(session.state.name).toBe('running')
    process.kill(server, 'SIGCONT')
    await typed
    await untilSaid(session, 'late')
    process.kill(server, 'SIGKILL')
    await until(() => session.state.name === 'lost', { what: 'the session counts as lost' })
    expect(textOf(session)).toContain('late')
    await expect(typist(session, 'c')('x')).rejects.toMatchObject({ code: 'ENDED' })
  })

  it('that ended while its tmux does not answer has not ended before that can be told', async () => {
    const { start, tmux, troubles } = testTmux(onTestFinished, 300)
    const session = start({ command: 'sleep', args: ['1000'] })
    const server = Number(await tmux.run(['display-message', '-p', '#{pid}']))
    process.kill(server, 'SIGSTOP')
    onTestFinished(() => void process.kill(server, 'SIGCONT'))
    process.kill(session.pid, 'SIGKILL')
    await until(() => troubles.length > 0, { what: 'tmux was asked in vain', timeoutMs: 10_000 })
    expect(session.state.name).toBe('running')
    process.kill(server, 'SIGCONT')
    expect(await untilExited(session)).toMatchObject({ signal: 'SIGKILL' })
  })

  it('has not ended before all it said was taken, however late that is', async () => {
    const { dir, ptys, tmux } = testTmux(onTestFinished)
    const said: string[] = []
    const pty = ptys.open(
      {
        command: 'sh',
        args: ['-c', 'read go; echo last words; exit 2'],
        cwd: '/',
        env: tmuxEnv,
        cols: 80,
        rows: 24,
        onData: (chunk) => void said.push(String(chunk)),
        onExit: ({ code }) => void said.push(`exit ${code}`),
      },
      { id: 'a-1', logDir: dir, command: 'sh', env: tmuxEnv },
      0,
    )
    await tmux.run(['new-session', '-d', '-s', 'other'])
    pty.pause()
    await pty.write(Buffer.from('go\n'))
    const isGone = () =>
      tmux.run(['has-session', '-t', '=a-1']).then(
        () => false,
        () => true,
      )
    await until(isGone, { what: 'tmux has let it go' })
    expect(said.join('')).not.toContain('exit')
    pty.resume()
    await until(() => said.join('').includes('exit'))
    expect(said.join('')).toMatch(/last words\r\nexit 2$/)
  })

  it('says so when somebody cut off its output, and is heard again', async () => {
    const { start, tmux } = testTmux(onTestFinished)
    const session = start({})
    const notices: string[] = []
    session.subscribe((event) => event.type === 'notice' && notices.push(event.code))
    await typist(session)('echo be""fore\n')
    await untilSaid(session, 'before')
    await tmux.run(['pipe-pane', '-t', '=a-1:'])
    await until(() => notices.includes('OUTPUT_LOST'))
    await typist(session, 'b')('echo af""ter\n')
    await untilSaid(session, 'after')
  })

  it('that a disk without room kept from ending is asked again, and a killed host forgets nothing', async () => {
    const { ptys, dir, troubles } = testTmux(onTestFinished)
    const fs = faultyFs()
    const options = { id: 'a-1', logDir: join(dir, 'log'), command: 'sh', env: tmuxEnv }
    const first = createPtySession(
      { ...options, args: ['-c', 'echo ready; read go; exit 7'] },
      { openPty: ptys.open, fs },
    )
    await untilSaid(first, 'ready')
    await typist(first)('\n')
    await until(() => textOf(first).includes('ready\r\n\r\n'))
    fs.failAll('write', 'ENOSPC')
    await until(() => first.state.name === 'stalled', { what: 'its end cannot be written' })
    // As if the host were killed here: nothing of it runs any more.
    const [found, ...others] = ptys.found()
    if (!found) throw new Error(`forgotten: ${troubles}`)
    expect(others).toEqual([])
    const { openPty } = found
    const next = createPtySession({ ...options, ...found.options }, { openPty, resume: true })
    expect(await untilExited(next)).toMatchObject({ code: 7 })
    expect(readdirSync(join(dir, 'tmux'))).toEqual([])
    first.close()
    next.close()
  })

  it('whose end was known when its host was killed is taken away, and no tmux stays for it', async () => {
    const { ptys, dir, tmux } = testTmux(onTestFinished)
    const options = { id: 'a-1', logDir: join(dir, 'log'), command: 'sh', env: tmuxEnv }
    const opened: Pty[] = []
    const first = createPtySession(
      { ...options, args: ['-c', 'read go'] },
      {
        openPty(...all) {
          const pty = ptys.open(...all)
          opened.push(pty)
          return pty
        },
      },
    )
    // As if its host were killed here.
    for (const pty of opened) pty.close()
    first.close()
    const path = join(dir, 'tmux/a-1/session.json')
    const record = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...record, exit: { code: 7 } }))
    process.kill(first.pid, 'SIGKILL')
    await until(() => processState(first.identity) === 'dead')
    const [found] = ptys.found()
    if (!found) throw new Error('forgotten')
    const next = createPtySession(
      { ...options, ...found.options },
      { openPty: found.openPty, resume: true },
    )
    expect(await untilExited(next)).toMatchObject({ code: 7 })
    next.close()
    expect(readdirSync(join(dir, 'tmux'))).toEqual([])
    const isGone = () =>
      tmux.run(['list-sessions']).then(
        () => false,
        () => true,
      )
    await until(isGone, { what: 'tmux has ended' })
  })

  it('keeps what is private to its user', async () => {
    const { start, dir } = testTmux(onTestFinished)
    start({ command: 'sleep', args: ['1000'] })
    const root = join(dir, 'tmux')
    // The files that come and go while it starts are gone.
    await until(() => existsSync(join(root, 'a-1/spool/spooler')))
    await until(() => !existsSync(join(root, 'a-1/launch')))
    const open = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => (statSync(join(root, name)).mode & 0o077) !== 0,
    )
    expect(open).toEqual([])
  })

  it('that does not exist is told at once, and leaves nothing behind', () => {
    const { start, dir } = testTmux(onTestFinished)
    expect(() => start({ command: 'no-such-command' })).toThrow(/no-such-command/)
    expect(existsSync(join(dir, 'tmux', 'a-1'))).toBe(false)
  })
})

async function sizeOf(
  tmux: { run(args: readonly string[]): Promise<string> },
  name: string,
): Promise<string> {
  const format = '#{window_width}x#{window_height}'
  return (await tmux.run(['list-panes', '-t', `=${name}:`, '-F', format])).trim()
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
