import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientOf, logIn, startProgram } from './testing/program.ts'

// The date of the real server is set while it runs, as an administrator or a time server does it. Debian's
// libfaketime tells it another date; its monotonic clock stays what it is.

const PASSWORD = 'correct horse battery'
const GRACE_MS = 1_500
const DELAY_MS = 2_000

const library = findLibrary()
const why = library === undefined ? ' (skipped: faketime is not installed)' : ''

function findLibrary(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : []
  return folders
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path))
}

/** A date that is wrong by as much as the last `set` says, for whoever has `env`. */
function wrongDate(): { env: Record<string, string>; set: (offset: string) => void } {
  const path = join(temporaryFolder(onTestFinished), 'date')
  const set = (offset: string) => {
    writeFileSync(`${path}.new`, `${offset}\n`)
    renameSync(`${path}.new`, path)
  }
  set('+0')
  const env = {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return { env, set }
}

describe.skipIf(library === undefined)(`a date that is set while the server runs${why}`, () => {
  it('ends no login, fires no link, hurries or stops no restart, and breaks no recording', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const date = wrongDate()
    const settings = { AI_CONDUCTOR_PASSWORD: PASSWORD, AI_CONDUCTOR_LINK_GRACE: `${GRACE_MS}ms` }
    const program = startProgram(onTestFinished, cwd, { ...settings, ...date.env })
    const client = await logIn(await program.url(), PASSWORD)
    const metrics = async () => (await fetch(`${client.url}/metrics`)).text()
    const serverHour = async () =>
      new Date((await client.request('/api/health')).headers.get('date') ?? '').getTime() /
      3_600_000
    const app = connect(join(cwd, 'data', 'supervise.sock')).resume()
    onTestFinished(() => void app.destroy())
    await until(async () => (await metrics()).includes('conductor_liveness_clients 1\n'))
    // For as long as the test has its folder, whatever becomes of the test.
    const ticking = `while [ -e '${cwd}' ]; do echo tick; sleep 0.1; done`
    const { id, pid } = await client.json<{ id: string; pid: number }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({
        ...{ command: 'sh', args: ['-c', ticking] },
      }),
    })
    // Its host has a clock of its own, which nobody sets; this one has the server's.
    const own = await client.json<{ id: string }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({
        ...{ command: 'sh', args: ['-c', ticking] },
        durability: 'server',
      }),
    })
    await client.request('/api/processes', {
      method: 'POST',
      body: JSON.stringify({
        ...{ name: 'falls', command: 'sh', args: ['-c', 'sleep 0.2; exit 3'] },
        restart: { mode: 'always', delay: { kind: 'fixed', delayMs: DELAY_MS } },
      }),
    })
    const ends = async () =>
      Number(/exits_total\{cause="code",process="falls"\} (\d+)/.exec(await metrics())?.[1] ?? 0)

    const hour = await serverHour()
    for (const [offset, hours] of [
      ['+2h', 2],
      ['-3h', -3],
    ] as const) {
      const seen = await ends()
      await until(async () => (await ends()) > seen, { timeoutMs: 15_000 })
      const fellMs = performance.now()
      date.set(offset)
      // The server really has that date.
      await until(async () => Math.abs((await serverHour()) - hour - hours) < 0.5)
      const lines = async () => (await client.request(`/api/sessions/${id}/output`)).text()
      const before = (await lines()).length
      await until(async () => (await lines()).length > before)
      expect(await client.json('/api/sessions')).toMatchObject([
        { id, pid, status: 'running' },
        { id: own.id, status: 'running' },
      ])
      const all = await ends()
      await until(async () => (await ends()) > all, { timeoutMs: 15_000 })
      // The end of the next run: not before its delay, and not hours later.
      expect(performance.now() - fellMs).toBeGreaterThan(DELAY_MS / 2)
      expect(performance.now() - fellMs).toBeLessThan(DELAY_MS + 8_000)
      expect(await metrics()).toContain('conductor_liveness_clients 1\n')
      expect(await metrics()).toContain('conductor_health{kind="live"} 1\n')
    }

    const recording = await client.request(`/api/sessions/${own.id}/recording?format=asciicast-v2`)
    const [, ...events] = (await recording.text()).trim().split('\n')
    const times = events.map((line) => (JSON.parse(line) as [number, string, string])[0])
    expect(times.length).toBeGreaterThan(10)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(0)

    app.destroy()
    const leftMs = performance.now()
    await until(async () => (await metrics()).includes('liveness_state{state="grace"} 1\n'))
    date.set('+5h')
    expect(await program.whenOver()).toBe(0)
    expect(performance.now() - leftMs).toBeGreaterThan(GRACE_MS - 50)

    const next = clientOf(await startProgram(onTestFinished, cwd, settings).url(), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([{ id, pid, status: 'running' }])
    await next.request(`/api/sessions/${id}`, { method: 'DELETE' })
    await next.request('/api/processes/falls', { method: 'DELETE' })
  })
})
