import { describe, expect, it } from 'vitest'
import { createCastRecording } from './cast-recording.ts'
import type { ReplayEvent } from './recording.ts'

const { signal } = new AbortController()

async function read(text: string, from = 0): Promise<{ size: unknown; events: ReplayEvent[] }> {
  const recording = createCastRecording(new Blob([text]))
  if (from > 0) for await (const _ of (await recording.read(0, signal)).events);
  const part = await recording.read(from, signal)
  const events: ReplayEvent[] = []
  for await (const batch of part.events) events.push(...batch)
  return { size: { cols: part.size.cols, rows: part.size.rows }, events }
}

const V2 = `{"version": 2, "width": 100, "height": 30, "title": "t"}
[0.5, "o", "one é"]
[1, "i", "typed"]
[1.5, "r", "40x10"]
[2, "m", "here"]
[2.25, "o", "two"]
`
const V3 = `{"version": 3, "term": {"cols": 100, "rows": 30}}
# a comment
[0.5, "o", "one é"]
[1, "r", "40x10"]
[0.75, "o", "two"]
[0, "x", "0"]
`

describe('a recording in a file', () => {
  it('of version 2 has its events, with offsets in bytes', async () => {
    const { size, events } = await read(V2)
    expect(size).toEqual({ cols: 100, rows: 30 })
    expect(events).toEqual([
      { type: 'output', timeMs: 500, offset: 0, text: 'one é' },
      { type: 'resize', timeMs: 1_500, offset: 6, cols: 40, rows: 10 },
      { type: 'mark', timeMs: 2_000, offset: 6, label: 'here' },
      { type: 'output', timeMs: 2_250, offset: 6, text: 'two' },
    ])
  })

  it('of version 3 counts its times from the event before', async () => {
    const { events } = await read(V3)
    expect(events.map(({ type, timeMs }) => [type, timeMs])).toEqual([
      ['output', 500],
      ['resize', 1_500],
      ['output', 2_250],
    ])
  })

  it('is read from the middle, also of an event', async () => {
    expect((await read(V2, 4)).events[0]).toMatchObject({ offset: 4, text: 'é' })
    expect((await read(V2, 7)).events.at(-1)).toMatchObject({ offset: 7, text: 'wo' })
    expect((await read(V3, 9)).events).toEqual([])
  })

  it('is read from where reading can begin, when it is long', async () => {
    const line = (n: number): string =>
      `[${n}, "o", "${String(n).padStart(6, '0')}${'x'.repeat(94)}"]\n`
    const text = `${V2.split('\n')[0]}\n${Array.from({ length: 20_000 }, (_, n) => line(n)).join('')}`
    const file = new Blob([text])
    const cuts: number[] = []
    const slice = file.slice.bind(file)
    file.slice = (from) => {
      cuts.push(from ?? 0)
      return slice(from)
    }
    const recording = createCastRecording(file)
    for await (const _ of (await recording.read(0, signal)).events);
    const part = await recording.read(1_500_000, signal)
    const { value } = await part.events.next()
    const [first] = value ?? []
    expect(cuts[0]).toBeGreaterThan(1_000_000)
    expect(first).toMatchObject({ timeMs: 15_000_000, offset: 1_500_000 })
  })

  it.each([
    ['', 'no recording of asciinema'],
    ['hello', 'no recording of asciinema'],
    ['{"version": 1}', 'no recording of asciinema'],
    ['[1, "o", "x"]', 'no recording of asciinema'],
    [`${V2}nonsense`, 'one of its lines is no event'],
    [`${V2}{"a": 1}`, 'one of its lines is no event'],
  ])('that is none says so: %j', async (text, why) => {
    await expect(read(text)).rejects.toThrow(why)
  })

  it('has a size that a terminal can have, whatever it says', async () => {
    const { size, events } = await read(
      '{"version": 2, "width": 1e9, "height": -3}\n[0, "r", "99999x0"]\n[0, "r", "<b>"]\n',
    )
    expect(size).toEqual({ cols: 1_000, rows: 1 })
    expect(events).toEqual([{ type: 'resize', timeMs: 0, offset: 0, cols: 1_000, rows: 1 }])
  })
})
