import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionJson } from './server/session-json.ts'
import { type Program, serve, start } from './testing/program.ts'
import { type Terminal, terminal } from './testing/terminal.ts'

/** Counts for as long as its folder is there, and says what is typed. */
const TICKER = `
cd "$(dirname "$0")" || exit
exec 3<&0
while read -r typed <&3; do echo "typed <$typed>"; done &
i=0; while [ -e "$0" ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done`

async function conductor(cwd: string, ...args: string[]): Promise<Program & { code: unknown }> {
  const program = start(onTestFinished, cwd, args)
  const code = await program.whenOver()
  return Object.assign(program, { code })
}

async function setup(): Promise<{ cwd: string; server: Program; screen: Terminal }> {
  const cwd = temporaryFolder(onTestFinished)
  const server = await serve(onTestFinished, cwd)
  onTestFinished(async () => {
    const ids = (await sessions(cwd)).map(({ id }) => id)
    if (ids.length > 0) await conductor(cwd, 'kill', ...ids)
  })
  return { cwd, server, screen: terminal(onTestFinished, cwd) }
}

async function sessions(cwd: string): Promise<SessionJson[]> {
  const { stdout } = await conductor(cwd, 'ls', '--json')
  return stdout ? (JSON.parse(stdout) as SessionJson[]) : []
}

async function begin(cwd: string, name: string, ...command: string[]): Promise<string> {
  const made = await conductor(cwd, 'new', '--name', name, '--', ...command)
  expect([made.code, made.stderr]).toEqual([0, ''])
  return made.stdout.trim()
}

/** What `stty` says of the terminal, which is what an attach must leave as it was. */
async function modes(screen: Terminal): Promise<string> {
  const from = screen.text.length
  screen.type('echo "modes:$(stty -g):"\n')
  await screen.shows(/modes:[0-9a-f:]+:\r/, from)
  return /modes:([0-9a-f:]+):\r/.exec(screen.text.slice(from))?.[1] ?? ''
}

describe('attach', () => {
  it('shows every byte once and types every key once, over a kill -9 of the server', async () => {
    const { cwd, server, screen } = await setup()
    const script = join(cwd, 'ticker.sh')
    writeFileSync(script, TICKER)
    const id = await begin(cwd, 'ticker', 'bash', script)
    screen.type('conductor attach ticker\n')
    await screen.shows('line 20\r')
    screen.type('before\r')
    await screen.shows('typed <before>')

    server.child.kill('SIGKILL')
    await server.whenOver()
    await screen.shows(/Reconnecting \(\d+\)/)
    screen.type('meanwhile\r')
    const next = await serve(onTestFinished, cwd)
    await screen.shows('typed <meanwhile>')
    const last = Number(/line (\d+)\r\n(?!.*line)/s.exec(screen.plain)?.[1])
    await screen.shows(`line ${last + 30}\r`)
    screen.type('\x1d')
    await screen.shows(`detached; ticker (${id}) goes on`)

    const lines = [...screen.plain.matchAll(/^line (\d+)\r$/gm)].map(([, n]) => Number(n))
    expect(lines).toEqual(lines.map((_, index) => index + 1))
    expect(screen.plain.match(/typed <before>/g)).toHaveLength(1)
    expect(screen.plain.match(/typed <meanwhile>/g)).toHaveLength(1)
    expect((await sessions(cwd)).map(({ status }) => status)).toEqual(['running'])
    next.child.kill('SIGTERM')
    await next.whenOver()
    await serve(onTestFinished, cwd)
  })

  it('gives the terminal back as it was: detached, killed, or with the program ended', async () => {
    const { cwd, screen } = await setup()
    const full = 'printf "\\033[?1049h\\033[?1000h\\033[?25l\\033[6n"; echo here; cat'
    const id = await begin(cwd, 'full', 'sh', '-c', full)
    const before = await modes(screen)

    screen.type('conductor attach full\n')
    await screen.shows('here\r\n')
    screen.type('\x1d')
    await screen.shows('detached')
    expect(await modes(screen)).toBe(before)
    // What was asked of terminals before this one came is not for it to answer.
    expect(screen.text).not.toContain('\x1b[6n')
    // Before anything is said to the shell's user, and not only when the process exits.
    expect(screen.text).toMatch(/\[\?1049l[\s\S]*\r\nconductor: detached/)
    // The other screen, the mouse and the hidden cursor of the program are not the shell's.
    const farewell = screen.text.slice(screen.text.indexOf('here\r\n'))
    for (const off of ['\x1b[?1049l', '\x1b[?1000l', '\x1b[?25h']) expect(farewell).toContain(off)

    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
      const from = screen.text.length
      screen.type(`sh -c 'echo "pid:$$:"; exec "$NODE" "$MAIN" attach ${id}'\n`)
      await screen.shows('here\r\n', from)
      process.kill(Number(/pid:(\d+):/.exec(screen.text.slice(from))?.[1]), signal)
      await screen.shows('interrupted; full', from)
      expect(await modes(screen)).toBe(before)
    }

    const from = screen.text.length
    const ends = 'sh -c "read line; echo last words; exit 37"'
    screen.type(`conductor new --attach -- ${ends}; echo "code:$?:"\n`)
    await screen.shows('Ctrl-] detaches', from)
    screen.type('end\r')
    await screen.shows('code:37:', from)
    expect(screen.text.slice(from)).toMatch(/last words\r\n[\s\S]*has ended with code 37/)
    expect(await modes(screen)).toBe(before)
  })

  it('tells the program the size of this terminal, and each new one', async () => {
    const { cwd, screen } = await setup()
    await begin(
      cwd,
      'size',
      'bash',
      '-c',
      'trap "stty size" WINCH; stty size; while :; do read -t 1; done',
    )
    screen.type('conductor attach size\n')
    await screen.shows('30 100\r')
    screen.pty.resize(77, 20)
    await screen.shows('20 77\r')
    screen.type('\x1d')
    await screen.shows('detached')
  })

  it('says why it cannot', async () => {
    const { cwd, screen } = await setup()
    screen.type('conductor attach nobody; echo "code:$?:"\n')
    await screen.shows('there is no session nobody')
    await screen.shows('code:1:')
    const withoutTerminal = await conductor(cwd, 'attach', 'nobody')
    expect(withoutTerminal.code).toBe(2)
    expect(withoutTerminal.stderr).toContain('needs a terminal')
  })
})

describe('sessions', () => {
  it('are made, typed into, read and ended', async () => {
    const { cwd } = await setup()
    const id = await begin(
      cwd,
      'echo',
      'sh',
      '-c',
      'stty -echo; echo ready; while read -r l; do echo "<$l>"; done',
    )
    const logs = async (...args: string[]) => (await conductor(cwd, 'logs', ...args)).stdout
    await until(async () => (await logs('echo')).includes('ready'), { timeoutMs: 10_000 })
    for (const text of ['one', 'two']) {
      const sent = await conductor(cwd, 'send', 'echo', text, 'more', '--enter')
      expect([sent.code, sent.stderr]).toEqual([0, ''])
    }
    await until(async () => (await logs('echo')).includes('<two more>'), { timeoutMs: 10_000 })
    expect(await logs(id)).toBe('ready\r\n<one more>\r\n<two more>\r\n')
    expect(await logs(id, '-n', '1')).toBe('<two more>\r\n')
    expect((await conductor(cwd, 'ls')).stdout).toMatch(/^ID .*\n.* echo +running .* sh -c /)

    const second = await begin(cwd, 'echo', 'cat')
    const ambiguous = await conductor(cwd, 'kill', 'echo')
    expect([ambiguous.code, ambiguous.stderr]).toEqual([2, expect.stringContaining(second)])
    expect((await conductor(cwd, 'kill', id, second)).stdout).toBe(
      `session ${id} killed\nsession ${second} killed\n`,
    )
    expect(await sessions(cwd)).toEqual([])
    expect((await conductor(cwd, 'logs', id)).code).toBe(1)
  })

  it('logs -f goes on in the next server, and ends with the program', async () => {
    const { cwd, server } = await setup()
    const script = join(cwd, 'ticker.sh')
    writeFileSync(
      script,
      'i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done',
    )
    await begin(cwd, 'ticker', 'sh', script)
    const logs = start(onTestFinished, cwd, ['logs', '-f', 'ticker'])
    await until(() => logs.stdout.includes('line 10\r'), { timeoutMs: 15_000 })
    server.child.kill('SIGKILL')
    await server.whenOver()
    await serve(onTestFinished, cwd)
    expect(await logs.whenOver()).toBe(0)
    expect(logs.stderr).toMatch(/^(conductor: the server has gone; waiting for the next one\n)?$/)
    expect(logs.stdout).toBe(Array.from({ length: 150 }, (_, i) => `line ${i + 1}\r\n`).join(''))
  })
})
