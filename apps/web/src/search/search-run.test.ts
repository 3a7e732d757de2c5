import { type FakeClock, fakeClock, until } from '@conductor/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Asked } from '../api/api.ts'
import { ApiError } from '../api/api-error.ts'
import type { Server } from '../servers/server.ts'
import { createSearchRun, type SearchQuery, type SearchRun } from './search-run.ts'

interface Answer {
  readonly server: string
  readonly asked: Asked
  say(...lines: readonly object[]): void
  end(): void
}

const QUERY: SearchQuery = {
  text: 'needle',
  isRegex: false,
  matchCase: false,
  session: undefined,
  sinceMs: undefined,
  beforeMs: undefined,
}
const END = { type: 'end', searchedBytes: 10, totalBytes: 10, gaps: [], unreadable: [] }

let clock: FakeClock
let answers: Answer[]
let run: SearchRun
let failure: Error | undefined

beforeEach(() => {
  clock = fakeClock()
  answers = []
  failure = undefined
  run = createSearchRun({ servers: () => [server('here'), server('there')], clock })
})

function server(id: string): Pick<Server, 'id' | 'api'> {
  const api = {
    async send(_method: string, path: string, asked: Asked = {}): Promise<Response> {
      expect(path).toBe('api/search')
      if (failure) throw failure
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined
      const body = new ReadableStream<Uint8Array>({
        start: (its) => {
          controller = its
        },
      })
      const encoder = new TextEncoder()
      answers.push({
        server: id,
        asked,
        say(...lines) {
          for (const line of lines) controller?.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
        },
        end: () => controller?.close(),
      })
      asked.signal?.addEventListener('abort', () => controller?.error(asked.signal?.reason))
      return new Response(body)
    },
  }
  // A search sends, and nothing else.
  return { id, api: api as Server['api'] }
}

const hit = (text: string, more: object = {}): object => ({
  type: 'hit',
  session: 's1',
  name: 'one',
  offset: 5,
  time: '2026-01-02T03:04:05.000Z',
  text,
  ranges: [[0, 6]],
  isCut: false,
  ...more,
})

async function started(query: Partial<SearchQuery> = {}): Promise<Answer> {
  const before = answers.length
  run.start({ ...QUERY, ...query })
  await until(() => answers.length > before)
  const [first] = answers.slice(before)
  if (!first) throw new Error('nothing was asked')
  return first
}

/** What was said until now is shown. */
async function shows(count: number): Promise<void> {
  await until(() => {
    clock.advance(100)
    return run.state.value.hits.length === count
  })
}

describe('a search', () => {
  it('asks every server, and shows hits while they come', async () => {
    const first = await started({ isRegex: true, beforeMs: 0 })
    await until(() => answers.length === 2)
    expect(answers.map((each) => each.server)).toEqual(['here', 'there'])
    expect(first.asked.query).toMatchObject({
      q: 'needle',
      regex: 1,
      before: '1970-01-01T00:00:00.000Z',
    })
    first.say(hit('needle 1'), { type: 'progress', searchedBytes: 3, totalBytes: 10 })
    await shows(1)
    expect(run.state.value).toMatchObject({ name: 'running', searchedBytes: 3, totalBytes: 10 })
    answers[1]?.say(hit('needle 2'), END)
    answers[1]?.end()
    first.say(END)
    first.end()
    await until(() => run.state.value.name === 'done')
    const { hits, searchedBytes } = run.state.value
    expect(hits.map(({ ref, text }) => [ref.server, text])).toEqual([
      ['here', 'needle 1'],
      ['there', 'needle 2'],
    ])
    expect(searchedBytes).toBe(20)
  })

  it('of one session asks its server alone', async () => {
    await started({ session: { server: 'there', id: 's9' } })
    expect(answers.map((each) => [each.server, each.asked.query?.['session']])).toEqual([
      ['there', 's9'],
    ])
  })

  it('ends at the first hit that is too old', async () => {
    const answer = await started({
      session: { server: 'here', id: 's1' },
      sinceMs: Date.parse('2026-01-01T00:00:00Z'),
    })
    answer.say(hit('new'), hit('old', { time: '2025-12-31T23:59:59.000Z' }), hit('older'))
    await until(() => run.state.value.name === 'done')
    expect(run.state.value.hits.map(({ text }) => text)).toEqual(['new'])
    expect(run.state.value.hasMore).toBe(false)
  })

  it('goes on where it stopped, on servers that have more', async () => {
    const first = await started()
    await until(() => answers.length === 2)
    first.say(hit('1'), { ...END, next: 'from-here' })
    first.end()
    answers[1]?.say(END)
    answers[1]?.end()
    await until(() => run.state.value.hasMore)
    run.more()
    await until(() => answers.length === 3)
    expect(answers[2]?.server).toBe('here')
    expect(answers[2]?.asked.query).toMatchObject({ before: 'from-here' })
    answers[2]?.say(hit('2'), END)
    answers[2]?.end()
    await until(() => run.state.value.name === 'done')
    expect(run.state.value.hits.map(({ text }) => text)).toEqual(['1', '2'])
  })

  it('is cancelled with what it has found, and asks for nothing more', async () => {
    const answer = await started()
    answer.say(hit('1'))
    await shows(1)
    run.cancel()
    expect(answer.asked.signal?.aborted).toBe(true)
    expect(run.state.value).toMatchObject({ name: 'cancelled', problem: undefined })
    expect(run.state.value.hits).toHaveLength(1)
  })

  it('forgets the one before, also what comes late of it', async () => {
    const old = await started()
    old.say(hit('old'))
    const next = await started({ text: 'other' })
    expect(old.asked.signal?.aborted).toBe(true)
    next.say(hit('new'))
    await shows(1)
    expect(run.state.value.hits[0]?.text).toBe('new')
  })

  it('says what went wrong', async () => {
    const answer = await started({ session: { server: 'here', id: 's1' } })
    answer.say({ type: 'error', code: 'SEARCH_TOO_SLOW', error: 'the pattern takes too long' })
    answer.end()
    await until(() => run.state.value.name === 'done')
    expect(run.state.value.problem).toBe('the pattern takes too long')
    failure = new ApiError('too many search at once: try again', { status: 429 })
    run.start(QUERY)
    await until(() => run.state.value.name === 'done')
    expect(run.state.value.problem).toBe('Too many search at once: try again')
  })

  it('for nothing is none', () => {
    run.start({ ...QUERY, text: '' })
    expect(run.state.value.name).toBe('idle')
    expect(answers).toEqual([])
  })
})
