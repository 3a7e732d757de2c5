import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeLog } from '../log/log-testing.ts'
import { type SearchEnd, type SearchHit, type SearchOptions, searchLogs } from './search-logs.ts'

function search(options: Omit<SearchOptions, 'query'> & { readonly text?: string }) {
  const { text = 'needle', ...rest } = options
  const hits: SearchHit[] = []
  let end: SearchEnd | undefined
  for (const event of searchLogs({ ...rest, query: { text } }, () => 0)) {
    if (event.type === 'hit') hits.push(event)
    if (event.type === 'end') end = event
  }
  if (!end) throw new Error('it has no end')
  return { hits, end, texts: hits.map((hit) => hit.text) }
}

function logsAt(clock: ReturnType<typeof fakeClock>, count: number) {
  return Array.from({ length: count }, () => makeLog(onTestFinished, { clock }))
}

describe('a search in several histories', () => {
  it('tells the latest first, whichever history it is of', () => {
    const clock = fakeClock()
    const [a, b] = logsAt(clock, 2)
    if (!a || !b) throw new Error()
    const filler = Buffer.alloc(300_000, 'x\n')
    for (const [log, name] of [
      [a, 1],
      [b, 2],
      [a, 3],
      [b, 4],
    ] as const) {
      log.append(Buffer.from(`needle ${name}\n`))
      log.append(filler)
      clock.advance(60_000)
    }
    const { hits, end } = search({
      histories: [
        { id: 'a', logDirs: [a.dir] },
        { id: 'b', logDirs: [b.dir] },
      ],
    })
    expect(hits.map(({ id, text }) => `${id} ${text}`)).toEqual([
      'b needle 4',
      'a needle 3',
      'b needle 2',
      'a needle 1',
    ])
    expect(hits.map(({ timeMs = 0 }) => (clock.date() - timeMs) / 60_000)).toEqual([1, 2, 3, 4])
    expect(end).toMatchObject({ hits: 4, rest: [], gaps: [], unreadable: [] })
    expect(end.searchedBytes).toBe(a.end + b.end)
    expect(end.totalBytes).toBe(a.end + b.end)
  })

  it('goes on where it stopped at its limit, with neither a gap nor a repeat', () => {
    const clock = fakeClock()
    const logs = logsAt(clock, 3)
    for (let i = 0; i < 30; i++) {
      logs[i % 3]?.append(Buffer.from(`${'-'.repeat(9_000)}\nneedle ${i}\nneedle ${i}b\n`))
      clock.advance(10_000)
    }
    const found: string[] = []
    let histories = logs.map(({ dir }, id) => ({ id: String(id), logDirs: [dir] }) as object)
    for (let page = 0; page < 30 && histories.length > 0; page++) {
      const { texts, end } = search({ histories: histories as never, limit: 7 })
      found.push(...texts)
      expect(texts.length).toBeLessThanOrEqual(7)
      histories = end.rest.map(({ id, before }) => ({
        id,
        before,
        logDirs: [logs[Number(id)]?.dir ?? ''],
      }))
    }
    expect(found).toHaveLength(60)
    expect(new Set(found).size).toBe(60)
  })

  it('takes the logs of earlier programs as one history, with what lies between', () => {
    const [first, second] = logsAt(fakeClock(), 2)
    if (!first || !second) throw new Error()
    first.append(Buffer.from('a needle one\n'))
    second.append(Buffer.from('needle two\n'))
    const logDirs = [first.dir, '/no/such/log', second.dir]
    const { hits } = search({ histories: [{ id: 'x', logDirs, betweenBytes: 7 }] })
    expect(hits.map(({ text, offset }) => [text, offset])).toEqual([
      ['needle two', 20],
      ['a needle one', 2],
    ])
    const { texts } = search({ histories: [{ id: 'x', logDirs, betweenBytes: 7, before: 20 }] })
    expect(texts).toEqual(['a needle one'])
  })

  it('leaves the earlier ones out once the last has lost some, and says what', () => {
    const [first] = logsAt(fakeClock(), 1)
    const last = makeLog(onTestFinished, { maxBytes: 65_536, segmentBytes: 16_384 })
    if (!first) throw new Error()
    first.append(Buffer.from('needle\n'))
    for (let i = 0; i < 10; i++) last.append(Buffer.alloc(16_384, 'x\n'))
    last.append(Buffer.from('a needle\n'))
    const { texts, end } = search({ histories: [{ id: 'x', logDirs: [first.dir, last.dir] }] })
    expect(texts).toEqual(['a needle'])
    expect(end.gaps).toEqual([{ id: 'x', from: 7, to: 7 + last.start }])
  })

  it('searches only what was written before a date', () => {
    const clock = fakeClock()
    const [log] = logsAt(clock, 1)
    if (!log) throw new Error()
    const dates: number[] = []
    for (let i = 0; i < 5; i++) {
      dates.push(clock.date())
      log.append(Buffer.from(`needle ${i}\n`))
      clock.advance(60_000)
    }
    const histories = [{ id: 'x', logDirs: [log.dir] }]
    expect(search({ histories, beforeMs: dates[3] }).texts).toEqual([
      'needle 2',
      'needle 1',
      'needle 0',
    ])
    expect(search({ histories, beforeMs: 0 }).texts).toEqual([])
  })

  it('tells a line that a screen draws over and over once, and again when it came back later', () => {
    const clock = fakeClock()
    const [log] = logsAt(clock, 1)
    if (!log) throw new Error()
    for (let i = 0; i < 30; i++) {
      log.append(Buffer.from('\u001b[Hneedle\u001b[2Hanother needle'))
      clock.advance(i === 9 ? 60_000 : 500)
    }
    const { texts, end } = search({ histories: [{ id: 'x', logDirs: [log.dir] }] })
    expect(texts).toEqual(['another needle', 'needle', 'another needle', 'needle'])
    expect(end.repeats).toBe(56)
  })

  it('goes on with the others when one cannot be read', () => {
    const [good] = logsAt(fakeClock(), 1)
    good?.append(Buffer.from('needle\n'))
    // A file in the place of a folder: neither there nor missing.
    const bad = join(temporaryFolder(onTestFinished), 'file')
    writeFileSync(bad, '')
    const { texts, end } = search({
      histories: [
        { id: 'bad', logDirs: [bad] },
        { id: 'good', logDirs: [good?.dir ?? ''] },
      ],
    })
    expect(texts).toEqual(['needle'])
    expect(end.unreadable).toMatchObject([{ id: 'bad', reason: expect.stringContaining(bad) }])
  })

  it('ends in time, and names what is left', () => {
    const [log] = logsAt(fakeClock(), 1)
    for (let i = 0; i < 20; i++) log?.append(Buffer.alloc(128 * 1024, 'x\n'))
    let nowMs = 0
    const events = searchLogs(
      {
        histories: [{ id: 'x', logDirs: [log?.dir ?? ''] }],
        query: { text: 'needle' },
        withinMs: 30,
      },
      () => (nowMs += 10),
    )
    const end = [...events].at(-1)
    expect(end).toMatchObject({ type: 'end', rest: [{ id: 'x' }] })
  })
})
