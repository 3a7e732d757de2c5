import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordLog } from '../testing/recorded-session.ts'
import { type TestServer, testServer } from '../testing/test-server.ts'

type Line = Readonly<Record<string, unknown>>

async function setup(...scripts: readonly string[]) {
  const server = await testServer(onTestFinished)
  const ids: string[] = []
  for (const [i, script] of scripts.entries()) {
    const id = await server.session({ name: `session ${i}` })
    await recordLog(server.config.dataDir, id, script)
    ids.push(id)
  }
  return { server, ids, search: (query: string) => search(server, query) }
}

async function search(server: TestServer, query: string): Promise<Line[]> {
  const response = await server.request(`/api/search?${query}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const text = await response.text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ type }) => type !== 'progress')
}

/** Never done with 60 letters and another character. */
const ENDLESS = `q=${encodeURIComponent('^(a+)+$')}&regex=1`
const SLOW_LINE = `echo ${'a'.repeat(60)}!`

describe('a search over sessions', () => {
  it('tells lines that match, the latest first, with their place and time, and then the end', async () => {
    const { search, ids } = await setup(
      "printf 'first nee\\033[1mdle\\033[0m here\\n'; echo hay",
      'sleep 0.05; echo second NEEDLE',
    )
    const [second, first, end] = await search('q=needle')
    expect(second).toMatchObject({ type: 'hit', session: ids[1], name: 'session 1', offset: 7 })
    expect(first).toEqual({
      type: 'hit',
      session: ids[0],
      name: 'session 0',
      offset: 6,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      text: 'first needle here',
      ranges: [[6, 12]],
      isCut: false,
    })
    expect(String(second?.['time']) > String(first?.['time'])).toBe(true)
    expect(end).toEqual({
      type: 'end',
      hits: 2,
      repeats: 0,
      searchedBytes: 47,
      totalBytes: 47,
      gaps: [],
      unreadable: [],
    })
  })

  it('takes case, regular expressions and single sessions', async () => {
    const { search, ids } = await setup('echo Needle 12', 'echo needle 34')
    const texts = async (query: string) =>
      (await search(query)).filter(({ type }) => type === 'hit').map(({ text }) => text)
    expect(await texts('q=needle&case=1')).toEqual(['needle 34'])
    expect(await texts('q=n%5Cw%2B%20%5Cd%7B2%7D&regex=1')).toEqual(['needle 34', 'Needle 12'])
    expect(await texts(`q=needle&session=${ids[0]}`)).toEqual(['Needle 12'])
    expect(await texts(`q=needle&session=${ids[0]}&session=${ids[1]}`)).toHaveLength(2)
  })

  it('goes on where it stopped, and before a date', async () => {
    const { search } = await setup('seq -f "needle %g" 9', 'sleep 0.05; seq -f "needle 1%g" 9')
    const found: unknown[] = []
    let before = ''
    do {
      const lines = await search(`q=needle&limit=4${before}`)
      found.push(...lines.flatMap(({ text }) => text ?? []))
      const next = lines.at(-1)?.['next']
      before = next ? `&before=${next}` : ''
    } while (before)
    expect(found).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1]
        .flatMap((i) => `needle 1${i}`)
        .concat([9, 8, 7, 6, 5, 4, 3, 2, 1].map((i) => `needle ${i}`)),
    )
    const [hit] = await search('q=needle&limit=1')
    const earlier = await search(`q=needle&before=${hit?.['time']}`)
    expect(earlier.some(({ text }) => text === 'needle 9')).toBe(true)
    expect(earlier.some(({ text }) => text === 'needle 19')).toBe(false)
  })

  it.each([
    ['', 'q'],
    ['q=(&regex=1', 'q'],
    ['q=a%0Ab', 'q'],
    [`q=${'x'.repeat(1_001)}`, 'q'],
    ['q=x&regex=yes', 'regex'],
    ['q=x&limit=0', 'limit'],
    ['q=x&limit=1001', 'limit'],
    ['q=x&before=yesterday', 'before'],
    ['q=x&before=e30x', 'before'],
  ])('refuses %s', async (query, field) => {
    const { server } = await setup()
    const response = await server.request(`/api/search?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'BAD_FIELD', details: [{ field }] })
  })

  it('is nothing for strangers, nor over sessions that are not there', async () => {
    const { server } = await setup()
    expect((await fetch(`${server.url}/api/search?q=x`)).status).toBe(401)
    expect((await server.request('/api/search?q=x&session=nope')).status).toBe(404)
  })

  it('says that a pattern takes too long, and goes on serving meanwhile', async () => {
    const { server, search } = await setup(SLOW_LINE)
    const answer = search(ENDLESS)
    expect((await server.request('/api/sessions')).status).toBe(200)
    expect(await answer).toEqual([
      { type: 'error', code: 'SEARCH_TOO_SLOW', error: expect.stringContaining('too long') },
    ])
  })

  it('lets few search at once and some wait, refuses more, and ends with its readers', async () => {
    const { server, search } = await setup(SLOW_LINE)
    const headers = { 'X-Session-Token': await server.token() }
    // Each on a connection of its own, as from 20 readers.
    const open = async () => {
      const asked = get(`${server.url}/api/search?${ENDLESS}`, { headers, agent: false })
      asked.on('error', () => {})
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      return { asked, answer }
    }
    const all = await Promise.all(Array.from({ length: 20 }, open))
    const refused = all.filter(({ answer }) => answer.statusCode === 429)
    expect(all.filter(({ answer }) => answer.statusCode === 200)).toHaveLength(10)
    expect(refused).toHaveLength(10)
    expect(refused[0]?.answer.headers['retry-after']).toBe('2')
    for (const { asked } of all) asked.destroy()
    // Had they gone on, each pair of the ten would have had its five seconds first.
    await until(async () => {
      const response = await server.request('/api/search?q=a')
      return (await response.text()).includes('"hits":1') && response.status === 200
    })
    expect((await search('q=a')).at(-1)).toMatchObject({ type: 'end', hits: 1 })
  })

  it('ends when its login does', async () => {
    const { server } = await setup(SLOW_LINE)
    const answer = await server.request(`/api/search?${ENDLESS}`)
    await server.request('/api/logout', { method: 'POST' })
    expect(await answer.text()).not.toContain('"error"')
  })

  it('survives a session that is removed while it is searched', async () => {
    const { server, ids } = await setup('yes needle 0123456789 | head -c 20000000')
    const answer = server.request('/api/search?q=absent')
    rmSync(join(server.config.dataDir, ids[0] ?? ''), { recursive: true })
    const lines = (await (await answer).text()).trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end', hits: 0 })
  })
})
