import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fakeClock } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeLog } from '../log/log-testing.ts'
import { searchInWorker, type WorkerSearchOptions } from './search-in-worker.ts'
import type { SearchEvent } from './search-logs.ts'

function makeHistory(megabytes: number, line = 'a line of some output\n') {
  const log = makeLog(onTestFinished, { maxBytes: 64 * 1024 * 1024 })
  log.append(Buffer.from('the needle\n'))
  const block = Buffer.from(line.repeat(Math.ceil((1024 * 1024) / line.length)))
  for (let i = 0; i < megabytes; i++) log.append(block)
  return { log, histories: [{ id: 'x', logDirs: [log.dir] }] }
}

/** First a log that is done at once, then a line that is not done in years. */
function endless(): WorkerSearchOptions {
  const [quick, slow] = ['x', `${'a'.repeat(60)}!`].map((text) => {
    const log = makeLog(onTestFinished)
    log.append(Buffer.from(text))
    return { id: text, logDirs: [log.dir] }
  })
  if (!quick || !slow) throw new Error()
  return { histories: [quick, slow], query: { text: '^(a+)+$', isRegex: true } }
}

async function eventsOf(options: WorkerSearchOptions): Promise<SearchEvent[]> {
  const events: SearchEvent[] = []
  for await (const event of searchInWorker(options)) events.push(event)
  return events
}

describe('a search in a thread', () => {
  it('finds what is there and says when it is done, without holding up the event loop', async () => {
    const { log, histories } = makeHistory(32)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const events = await eventsOf({ histories, query: { text: 'NEEDLE' } })
    delay.disable()
    expect(events.find(({ type }) => type === 'hit')).toMatchObject({
      offset: 4,
      ranges: [[4, 10]],
    })
    expect(events.at(-1)).toMatchObject({ type: 'end', hits: 1, searchedBytes: log.end })
    // In this thread it would be as long as the search. The median: a busy machine has outliers.
    expect(delay.percentile(50) / 1e6).toBeLessThan(20)
  })

  it('refuses a pattern that is none before it begins', () => {
    const query = { text: '(', isRegex: true }
    expect(() => searchInWorker({ histories: [], query })).toThrow(/BAD_OPTION/)
  })

  it('ends a pattern that would take years', async () => {
    await expect(eventsOf({ ...endless(), patienceMs: 200 })).rejects.toMatchObject({
      code: 'SEARCH_TOO_SLOW',
      message: expect.stringContaining('200 ms'),
    })
  })

  it('has patience again with each sign of life, and leaves no timer behind', async () => {
    const { histories } = makeHistory(4)
    const clock = fakeClock()
    let armed = 0
    const counting: typeof clock = {
      ...clock,
      setTimeout(callback, delayMs) {
        armed++
        return clock.setTimeout(callback, delayMs)
      },
    }
    await eventsOf({ histories, query: { text: 'needle' }, clock: counting })
    // Once for the thread itself, and then for what it said before its end.
    expect(armed).toBeGreaterThan(1)
    expect(clock.pending).toBe(0)
  })

  it('ends when nobody wants it any more, also in the middle of such a pattern', async () => {
    const stop = new AbortController()
    const events: SearchEvent[] = []
    for await (const event of searchInWorker({ ...endless(), signal: stop.signal })) {
      events.push(event)
      stop.abort()
    }
    expect(events).toMatchObject([{ type: 'progress' }])
    expect(await eventsOf({ ...endless(), signal: stop.signal })).toEqual([])
  })

  it.runIf(process.platform === 'linux')('leaves the processor to others', async () => {
    const stop = new AbortController()
    for await (const _ of searchInWorker({ ...endless(), signal: stop.signal })) {
      const nice = readdirSync('/proc/self/task').map((task) => {
        const stat = readFileSync(`/proc/self/task/${task}/stat`, 'latin1')
        return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[17])
      })
      expect(nice.filter((each) => each >= 5)).toHaveLength(1)
      stop.abort()
    }
  })

  it('ends with its reader', async () => {
    const { histories } = makeHistory(4, 'needle\n')
    for await (const event of searchInWorker({ histories, query: { text: 'needle' } })) {
      expect(event.type).toBe('hit')
      break
    }
  })

  it('survives a history that is removed meanwhile, and says so', async () => {
    const { log, histories } = makeHistory(32)
    const events: SearchEvent[] = []
    for await (const event of searchInWorker({ histories, query: { text: 'needle' } })) {
      if (events.length === 0) rmSync(log.dir, { recursive: true })
      events.push(event)
    }
    expect(events.at(-1)?.type).toBe('end')
  })

  it('searches binary data and lines of 10 MB', async () => {
    const log = makeLog(onTestFinished)
    const noise = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < noise.length; i++) noise[i] = (i * 7919 + (i >> 8) * 31) & 0xff
    for (let i = 0; i < 4; i++) log.append(noise)
    log.append(Buffer.from('\nneedle'))
    for (let i = 0; i < 10; i++) log.append(Buffer.alloc(1024 * 1024, 'x'))
    for (const query of [{ text: 'needle' }, { text: 'ne+dle', isRegex: true }]) {
      const events = await eventsOf({ histories: [{ id: 'x', logDirs: [log.dir] }], query })
      expect(events.filter(({ type }) => type === 'hit')).toHaveLength(1)
      expect(events.at(-1)).toMatchObject({ type: 'end', searchedBytes: log.end })
    }
  })
})
