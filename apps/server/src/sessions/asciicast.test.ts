import { join } from 'node:path'
import { createPtySession } from '@conductor/pty-session'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type AsciicastFormat, asciicast } from './asciicast.ts'
import { RESTART_MARK } from './chained-log.ts'
import { openHistory } from './session-history.ts'

/** The log of a program that has ended. */
async function recorded(script: string, resize = false): Promise<string> {
  const logDir = join(temporaryFolder(onTestFinished), 'log')
  const session = createPtySession({
    id: 'x',
    logDir,
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cols: 100,
    rows: 30,
  })
  onTestFinished(() => session.close())
  if (resize) {
    await until(() => session.log.end > 0)
    session.resize({ cols: 40, rows: 10 })
  }
  await until(() => session.state.name === 'exited')
  return logDir
}

type Event = [number, 'o' | 'r' | 'm' | 'x', string]

// As the documents of the formats say it.
const seconds = z.number().min(0)
const common = { timestamp: z.int(), idle_time_limit: seconds, title: z.string() }
const headers = {
  'asciicast-v2': z.strictObject({
    version: z.literal(2),
    width: z.int().min(1),
    height: z.int().min(1),
    env: z.record(z.string(), z.string()),
    ...common,
  }),
  'asciicast-v3': z.strictObject({
    version: z.literal(3),
    term: z.strictObject({ cols: z.int().min(1), rows: z.int().min(1), type: z.string() }),
    ...common,
  }),
}
const event = z.tuple([seconds, z.enum(['o', 'r', 'm', 'x']), z.string()])

function play(format: AsciicastFormat, logFolders: readonly string[]) {
  const history = openHistory(logFolders)
  if (!history) throw new Error('there is no log')
  const text = [...asciicast({ format, history, title: 'a session' })].join('')
  expect(text.endsWith('\n')).toBe(true)
  const [first = '', ...rest] = text.trimEnd().split('\n')
  const header = headers[format].parse(JSON.parse(first))
  const events: Event[] = rest.map((each) => event.parse(JSON.parse(each)))
  const output = events.flatMap(([, code, data]) => (code === 'o' ? [data] : [])).join('')
  return { header, events, output }
}

describe('a recording', () => {
  it('has the size, every byte and the pauses, as version 2: from the beginning', async () => {
    const folder = await recorded('echo one; sleep 0.3; echo two')
    const { header, events, output } = play('asciicast-v2', [folder])
    expect(header).toMatchObject({ width: 100, height: 30, title: 'a session' })
    expect(output).toBe('one\r\ntwo\r\n')
    const times = events.map(([time]) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(0.25)
    expect(times.at(-1)).toBeLessThan(5)
  })

  it('has them as version 3 from one event to the next, and how it ended', async () => {
    const folder = await recorded('echo one; sleep 1; echo two; sleep 0.1; echo three; exit 3')
    const { header, events, output } = play('asciicast-v3', [folder])
    expect(header).toMatchObject({ term: { cols: 100, rows: 30 } })
    expect(output).toBe('one\r\ntwo\r\nthree\r\n')
    const timeOf = (text: string) => events.find(([, , data]) => data.includes(text))?.[0]
    expect(timeOf('two')).toBeGreaterThan(0.9)
    expect(timeOf('three')).toBeLessThan(0.9)
    expect(events.at(-1)?.slice(1)).toEqual(['x', '3'])
  })

  it('shows when the window changed, once', async () => {
    const folder = await recorded('echo one; sleep 0.2; echo two', true)
    const { events } = play('asciicast-v2', [folder])
    expect(events.filter(([, code]) => code === 'r').map(([, , data]) => data)).toEqual(['40x10'])
  })

  it('cuts no character where two reads met', async () => {
    const folder = await recorded("printf '\\303'; sleep 0.1; printf '\\244\\377'")
    expect(play('asciicast-v2', [folder]).output).toBe('ä\ufffd')
  })

  it('goes on over the programs of a session, with a mark', async () => {
    const [first, second] = [await recorded('echo one'), await recorded('echo two')]
    for (const format of ['asciicast-v2', 'asciicast-v3'] as const) {
      const { events, output } = play(format, [first, '/no/such/log', second])
      expect(output).toBe(`one\r\n${RESTART_MARK}two\r\n`)
      expect(events.filter(([, code]) => code === 'm')).toHaveLength(1)
    }
  })
})
