import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectSessionHost } from '../host/connect.ts'
import { spawnSessionHost } from '../host/spawn.ts'
import { createPtySession } from '../session.ts'
import { textOf, untilExited, untilSaid } from '../testing/read-all.ts'
import type { LogReader, PtySession, SessionOptions, TerminalEvent } from '../types.ts'
import { createSessionTerminal, type SessionTerminal } from './session-terminal.ts'

/** Asks, and says in hexadecimal what came back up to the end of the last answer. */
const ASK = (queries: string, last: string) =>
  `stty raw -echo; printf '${queries}'; perl -e '
    while (sysread(STDIN, my $c, 1)) { $s .= $c; last if $c eq "${last}" }
    print "got ", unpack("H*", $s), " end"'`

const hex = (text: string): string => `got ${Buffer.from(text).toString('hex')} end`

function session(options: Partial<SessionOptions>): PtySession {
  const logDir = join(temporaryFolder(onTestFinished), 'log')
  const env = { PATH: '/usr/bin:/bin' }
  const made = createPtySession({ id: 'test', logDir, command: 'sh', env, ...options })
  onTestFinished(async () => {
    await made.end({ graceMs: 0 })
    made.close()
  })
  return made
}

describe('a program that asks its terminal', () => {
  it('is answered once, in order, with nobody looking', async () => {
    const asking = session({ args: ['-c', ASK('ab\\033[6n\\033[c\\033[c\\033[5n', 'n')] })
    await untilSaid(asking, ' end')
    expect(asking.answers).toBe('session')
    expect(textOf(asking)).toContain(hex('\x1b[1;3R\x1b[?1;2c\x1b[?1;2c\x1b[0n'))
  })

  it('where the cursor is gets the place at that very byte', async () => {
    const asking = session({ args: ['-c', ASK('one\\r\\ntwo\\033[6nmore\\r\\n\\r\\n', 'R')] })
    await untilSaid(asking, ' end')
    expect(textOf(asking)).toContain(hex('\x1b[2;4R'))
  })

  it('for a colour gets that of whoever looks', async () => {
    const asking = session({
      args: ['-c', `read go; ${ASK('\\033]11;?\\007', '\\\\')}`],
    })
    asking.setColors({ foreground: '#000000', background: '#fdf6e3', cursor: '#000000' })
    await asking.input({ clientId: 'a', seq: 1, bytes: Buffer.from('\n') })
    await untilSaid(asking, ' end')
    expect(textOf(asking)).toContain(hex('\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\'))
  })

  it('is answered in a host that no server is connected to', async () => {
    const dir = join(temporaryFolder(onTestFinished), 'host')
    const host = await spawnSessionHost({ dir })
    const wait = `until [ -e ${dir}/go ]; do :; done; `
    const asking = await host.create({
      id: 'one',
      logDir: join(dir, 'log'),
      command: 'sh',
      args: ['-c', `${wait}${ASK('\\033[6n', 'R')}; touch ${dir}/asked; read never`],
      env: { PATH: '/usr/bin:/bin' },
    })
    onTestFinished(async () => {
      const again = await connectSessionHost({ dir })
      await Promise.all(again.sessions.map((each) => each.end({ graceMs: 0 })))
      again.close()
    })
    host.close()
    writeFileSync(join(dir, 'go'), '')
    await until(() => existsSync(join(dir, 'asked')), { what: 'its answer', timeoutMs: 15_000 })
    expect(asking.answers).toBe('session')
  })
})

describe('a program that asks without end', () => {
  it('and never reads the answers, fills nobody with them', async () => {
    const asking = session({
      args: ['-c', `stty raw -echo; perl -e 'print "\\e[c" x 200_000, "asked"'; exec sleep 1000`],
    })
    await untilSaid(asking, 'asked')
    expect(asking.inputBacklogBytes).toBeGreaterThan(0)
    expect(asking.inputBacklogBytes).toBeLessThanOrEqual(65 * 1024)
  })

  it('has few questions waiting, and can ask again later', async () => {
    const clock = fakeClock()
    const replies: string[] = []
    const terminal = alone({ clock, onReply: (bytes) => void replies.push(String(bytes)) })
    await terminal.snapshot(0)
    terminal.says('\x1b[6n'.repeat(100_000))
    clock.advance(10_000)
    expect(replies.length).toBe(256)
    terminal.says('\x1b[6n')
    clock.advance(1_000)
    expect(replies.length).toBe(257)
  })
})

describe('what a program tells its terminal', () => {
  it('is told by the session: bell, title, notification', async () => {
    const talking = session({
      args: ['-c', "read go; printf '\\033]2;a title\\007\\007\\033]9;look\\007'"],
    })
    const events: TerminalEvent[] = []
    talking.subscribe((event) => {
      if (event.type === 'terminal') events.push(event.event)
    })
    await talking.input({ clientId: 'a', seq: 1, bytes: Buffer.from('\n') })
    await untilExited(talking)
    await until(() => events.length === 3, { timeoutMs: 15_000 })
    expect(events).toMatchObject([
      { type: 'title', text: 'a title' },
      { type: 'bell' },
      { type: 'notification', body: 'look' },
    ])
  })

  it('ten thousand times in a moment is told as often as a person can take in', () => {
    const clock = fakeClock()
    const events: TerminalEvent[] = []
    const terminal = alone({ clock, onEvent: (event) => void events.push(event) })
    for (let i = 0; i < 10_000; i++) terminal.says(`\x07\x1b]2;${i}\x07\x1b]9;n${i}\x07`)
    clock.advance(1_000)
    const count = (type: string) => events.filter((event) => event.type === type).length
    expect([count('bell'), count('title'), count('notification')]).toEqual([2, 1, 8])
    expect(events.findLast(({ type }) => type === 'title')).toMatchObject({ text: '9999' })
    expect(clock.pending).toBe(0)
  })
})

describe('a snapshot', () => {
  it('of a session brings a fresh one to the same screen', async () => {
    const first = session({ args: ['-c', "seq 1 2000; printf '\\033[31mred\\033[?25l'; read go"] })
    await untilSaid(first, '?25l')
    const snapshot = await first.snapshot({ scrollbackLines: 10 })
    expect(snapshot).toMatchObject({ offset: first.log.end, cols: 80, rows: 24, exact: true })
    const text = Buffer.from(snapshot?.bytes ?? []).toString()
    expect(text).toContain('2000')
    expect(text).toContain('1970')
    expect(text).not.toContain('1950')
    expect(text).toContain('\x1b[31mred')
    expect(text).toContain('\x1b[?25l')
  })

  it('is there once for each who asks, and for nobody after the end', async () => {
    const first = session({ args: ['-c', 'echo hello; read go'] })
    await untilSaid(first, 'hello')
    const both = await Promise.all([first.snapshot(), first.snapshot()])
    expect(both.map((each) => each?.offset)).toEqual([first.log.end, first.log.end])
    first.close()
    expect(await first.snapshot()).toBeUndefined()
  })

  it('comes from a host, and says nothing where the host has gone', async () => {
    const dir = join(temporaryFolder(onTestFinished), 'host')
    const host = await spawnSessionHost({ dir })
    const env = { PATH: '/usr/bin:/bin' }
    const args = ['-c', 'echo hello; read go']
    const hosted = await host.create({
      id: 'one',
      logDir: join(dir, 'log'),
      command: 'sh',
      args,
      env,
    })
    await untilSaid(hosted, 'hello')
    const snapshot = await hosted.snapshot()
    expect(Buffer.from(snapshot?.bytes ?? []).toString()).toContain('hello')
    expect(snapshot?.offset).toBe(hosted.log.end)
    await hosted.end({ graceMs: 0 })
    await until(() => hosted.state.name === 'exited')
    expect(await hosted.snapshot()).toBeUndefined()
    host.close()
  })
})

describe('the terminal of a session', () => {
  it('reads nothing while nobody needs it, and then only when it is quiet', async () => {
    const clock = fakeClock()
    const terminal = alone({ clock })
    terminal.says('hello')
    expect([terminal.reads, clock.pending]).toEqual([0, 0])
    const asked = terminal.snapshot(0)
    await until(() => clock.pending === 1)
    clock.advance(1)
    await asked
    const { reads } = terminal
    for (let i = 0; i < 100; i++) {
      terminal.says('more')
      clock.advance(20)
    }
    expect(terminal.reads).toBe(reads)
    clock.advance(60)
    expect(terminal.reads).toBeGreaterThan(reads)
    expect(clock.pending).toBe(0)
  })

  it('passes over all but the last 8 MiB when it is further behind', async () => {
    const clock = fakeClock()
    const terminal = alone({ clock })
    await terminal.snapshot(0)
    const line = `${'x'.repeat(78)}\r\n`
    const block = line.repeat(1_000)
    for (let i = 0; i < 200; i++) terminal.says(block)
    terminal.says('the end')
    const asked = terminal.snapshot(0)
    await until(() => clock.pending === 1)
    clock.advance(1)
    const snapshot = await asked
    expect(terminal.readBytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(terminal.readBytes).toBeGreaterThan(6 * 1024 * 1024)
    expect(Buffer.from(snapshot?.bytes ?? []).toString()).toContain('the end')
  }, 30_000)

  it('goes on where the cap has dropped what it did not read', async () => {
    const clock = fakeClock()
    const terminal = alone({ clock })
    terminal.says('gone')
    terminal.drops()
    terminal.says('\x1b[2J\x1b[Hthere')
    const asked = terminal.snapshot(0)
    await until(() => clock.pending === 1)
    clock.advance(1)
    expect((await asked)?.offset).toBe(terminal.end)
  })
})

/** A terminal on a log of this test. */
function alone(options: {
  readonly clock: ReturnType<typeof fakeClock>
  readonly onEvent?: (event: TerminalEvent) => void
  readonly onReply?: (bytes: Uint8Array) => void
}): SessionTerminal & {
  readonly reads: number
  readonly readBytes: number
  readonly end: number
  says(text: string): void
  drops(): void
} {
  const blocks: { readonly offset: number; readonly bytes: Buffer }[] = []
  let start = 0
  let end = 0
  let reads = 0
  let readBytes = 0
  const log: LogReader = {
    epoch: 'e1',
    get start() {
      return start
    },
    get end() {
      return end
    },
    read(offset) {
      reads++
      if (offset < start) return { kind: 'gap', from: offset, to: start }
      const block = blocks.find((each) => offset < each.offset + each.bytes.length)
      if (!block) return { kind: 'end' }
      const from = offset - block.offset
      readBytes += block.bytes.length - from
      return {
        kind: 'bytes',
        offset,
        buffer: block.bytes,
        start: from,
        end: block.bytes.length,
        release() {},
      }
    },
    close() {},
  }
  const terminal = createSessionTerminal({
    log,
    size: { cols: 80, rows: 24 },
    clock: options.clock,
    onEvent: options.onEvent ?? (() => {}),
    onReply: options.onReply ?? (() => {}),
    onTrouble: (error) => {
      throw error
    },
  })
  onTestFinished(() => terminal.close())
  return {
    ...terminal,
    get reads() {
      return reads
    },
    get readBytes() {
      return readBytes
    },
    get end() {
      return end
    },
    says(text) {
      const bytes = Buffer.from(text)
      blocks.push({ offset: end, bytes })
      end += bytes.length
      terminal.wrote(bytes)
    },
    drops() {
      start = end
    },
  }
}
