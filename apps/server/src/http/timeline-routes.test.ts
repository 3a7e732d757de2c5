import { join } from 'node:path'
import { createPtySession } from '@conductor/pty-session'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RESTART_MARK } from '../sessions/chained-log.ts'
import type { Timeline } from '../sessions/timeline.ts'
import { recordLog } from '../testing/recorded-session.ts'
import { testApp } from '../testing/test-app.ts'

async function setup() {
  const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
  const app = testApp(onTestFinished, { dataDir })
  const { id } = await app.directory.create({ name: 'build' })
  return {
    app,
    id,
    dataDir,
    async timeline(query = ''): Promise<Timeline> {
      const response = await app.ask(`/api/sessions/${id}/timeline${query}`)
      expect(response.status).toBe(200)
      return (await response.json()) as Timeline
    },
    async replay(query = '') {
      const response = await app.ask(`/api/sessions/${id}/replay${query}`)
      expect(response.status).toBe(200)
      const lines = (await response.text()).trimEnd().split('\n')
      const [header, ...events] = lines.map((line) => JSON.parse(line) as never)
      const output = (events as [number, string, string, number][])
        .filter(([, code]) => code === 'o')
        .map(([, , data]) => data)
        .join('')
      return {
        header: header as unknown as Record<string, unknown>,
        events: events as [number, string, string, number][],
        output,
      }
    },
  }
}

/** One that is resized and typed into, with pauses. */
async function lively(dataDir: string, id: string) {
  const session = createPtySession({
    id,
    logDir: join(dataDir, id, 'log'),
    command: '/bin/sh',
    args: ['-c', 'echo one; read line; echo two; sleep 0.2; echo three; exit 3'],
    env: { PATH: '/usr/bin:/bin' },
    cols: 100,
    rows: 30,
  })
  onTestFinished(() => session.close())
  await until(() => session.log.end >= 5)
  session.resize({ cols: 40, rows: 10 })
  await session.input({ clientId: 'c', seq: 1, bytes: Buffer.from('x\n') })
  await until(() => session.state.name === 'exited')
  return session.log.end
}

describe('the timeline of a session', () => {
  it('has its points, sizes, inputs and end, each with time and offset', async () => {
    const { id, dataDir, timeline } = await setup()
    const end = await lively(dataDir, id)
    const told = await timeline()
    expect(told).toMatchObject({ start: 0, end, gaps: [] })
    expect(told.points.at(-1)?.offset).toBe(end)
    for (const key of ['timeMs', 'offset'] as const) {
      const values = told.points.map((point) => point[key])
      expect(values).toEqual([...values].sort((a, b) => a - b))
    }
    expect(told.resizes.map(({ cols, rows }) => [cols, rows])).toEqual([
      [100, 30],
      [40, 10],
    ])
    expect(told.inputs).toHaveLength(1)
    expect(told.markers).toEqual([
      { type: 'exit', timeMs: expect.any(Number), offset: end, code: 3 },
    ])
    const [first, last] = [told.startMs ?? 0, told.endMs ?? 0]
    expect(last - first).toBeGreaterThanOrEqual(200)
    for (const { timeMs } of [...told.points, ...told.resizes, ...told.markers]) {
      expect(timeMs).toBeGreaterThanOrEqual(first)
      expect(timeMs).toBeLessThanOrEqual(last)
    }
  })

  it('has no more points than were asked for, and keeps the last', async () => {
    const { id, dataDir, timeline } = await setup()
    await recordLog(dataDir, id, 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.02; done')
    expect((await timeline()).points.length).toBeGreaterThan(4)
    const { points, end } = await timeline('?points=3')
    expect(points.length).toBeLessThanOrEqual(3)
    expect(points.at(-1)?.offset).toBe(end)
  })

  it('says what the cap has dropped', async () => {
    const { id, dataDir, timeline } = await setup()
    await recordLog(dataDir, id, 'yes | head -c 300000', { historyBytes: 65_536 })
    const { start, gaps } = await timeline()
    expect(start).toBeGreaterThan(0)
    expect(gaps).toEqual([{ from: 0, to: start }])
  })

  it('is refused with other numbers of points, to strangers, and of what is not there', async () => {
    const { app, id } = await setup()
    for (const points of ['0', '2001', 'x'])
      expect((await app.ask(`/api/sessions/${id}/timeline?points=${points}`)).status).toBe(400)
    for (const what of ['timeline', 'replay']) {
      expect((await app.ask(`/api/sessions/nope/${what}`)).status).toBe(404)
      expect((await app.ask(`/api/sessions/${id}/${what}`)).status).toBe(404)
      expect((await app.ask(`/api/sessions/${id}/${what}`, { token: null })).status).toBe(401)
    }
    expect((await app.ask(`/api/sessions/${id}/replay?from=-1`)).status).toBe(400)
    expect((await app.ask(`/api/sessions/${id}/replay?to=1e3`)).status).toBe(400)
  })
})

describe('the replay of a session', () => {
  it('has every byte with its time and offset, and the sizes', async () => {
    const { id, dataDir, replay, timeline } = await setup()
    const end = await lively(dataDir, id)
    const { header, events, output } = await replay()
    const { epoch, startMs } = await timeline()
    expect(header).toMatchObject({ version: 2, width: 100, height: 30, from: 0, to: end })
    expect(header).toMatchObject({ epoch, startMs })
    expect(output).toContain('two\r\nthree\r\n')
    expect(Buffer.byteLength(output)).toBe(end)
    const three = events.find(([, , data]) => data.includes('three'))
    const two = events.find(([, , data]) => data.includes('two'))
    expect((three?.[0] ?? 0) - (two?.[0] ?? 0)).toBeGreaterThanOrEqual(0.19)
    expect(events.filter(([, code]) => code === 'r').map(([, , data]) => data)).toEqual(['40x10'])
  })

  it('gives any range, which begins with the size that the terminal had there', async () => {
    const { id, dataDir, replay } = await setup()
    const end = await lively(dataDir, id)
    const whole = (await replay()).output
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [4, end - 2],
      [end - 4, end],
      [end, end + 100],
    ] as const) {
      const { header, output, events } = await replay(`?from=${from}&to=${to}`)
      expect(output).toBe(whole.slice(from, to))
      expect(header).toMatchObject({ from: Math.min(from, end), to: Math.min(to, end) })
      const offsets = events.filter(([, code]) => code === 'o').map(([, , , offset]) => offset)
      if (to > from && from < end) expect(offsets[0]).toBe(from)
    }
    expect((await replay(`?from=${end - 4}`)).header).toMatchObject({ width: 40, height: 10 })
  })

  it('goes on over the programs of a session, by the offsets that its viewers have', async () => {
    const { app, id, dataDir, replay, timeline } = await setup()
    await recordLog(dataDir, id, 'echo one')
    await recordLog(dataDir, id, 'echo two', { name: 'log-2' })
    const folders = ['log', 'log-2'].map((name) => join(dataDir, id, name))
    app.directory.logFoldersOf = () => folders
    const { output, events } = await replay()
    expect(output).toBe(`one\r\n${RESTART_MARK}two\r\n`)
    const second = 5 + RESTART_MARK.length
    expect(events.find(([, , data]) => data === 'two\r\n')?.[3]).toBe(second)
    expect((await replay(`?from=${second}`)).output).toBe('two\r\n')
    expect((await timeline()).markers).toMatchObject([
      { type: 'exit', offset: 5, code: 0 },
      { type: 'restart', offset: 5 },
      { type: 'exit', offset: second + 5 },
    ])
  })
})
