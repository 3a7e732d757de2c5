import { seeded } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeLog } from '../log/log-testing.ts'
import type { LogReader } from '../types.ts'
import { compileQuery, type SearchQuery } from './query.ts'
import { createSearchBuffers, type LineHit, searchBackwards } from './search-log.ts'

const SMALL = { windowBytes: 64, longestLineBytes: 65_536, overlapBytes: 32 }

function search(log: LogReader, query: SearchQuery, sizes = SMALL, to = log.end) {
  const hits: LineHit[] = []
  const gaps: [number, number][] = []
  let searchedBytes = 0
  const buffers = createSearchBuffers(sizes)
  for (const step of searchBackwards({ log, to, matcher: compileQuery(query), buffers })) {
    if (step.type === 'hit') hits.push(step.hit)
    else if (step.type === 'gap') gaps.push([step.from, step.to])
    else searchedBytes += step.bytes
  }
  return { hits, gaps, searchedBytes }
}

function logOf(...writes: readonly (string | Uint8Array)[]) {
  const log = makeLog(onTestFinished, { maxBytes: 1024 * 1024, segmentBytes: 1024 })
  for (const each of writes) log.append(Buffer.from(each as string))
  return log
}

/** What a terminal program may write, and what it means. */
const words = ['needle', 'Nee', 'dle', 'x', 'NEEDLE ', 'Ärger', '😀', 'haystack '] as const
const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words).map((text) => ({ raw: text, means: text })) },
  fc.constant({ raw: Buffer.from([0xff]), means: '\ufffd' }),
  fc
    .constantFrom('\u001b[1;31m', '\u001b[0m', '\u001b]0;needle\u0007', '\u001b(B', '\u0007')
    .map((raw) => ({ raw, means: '' })),
  fc.constantFrom('\n', '\r\n', '\u001b[3;4H', '\u001b[A').map((raw) => ({ raw, means: '\n' })),
  fc.constantFrom('\r', '\u001b[G').map((raw) => ({ raw, means: '\r' })),
  fc.constant({ raw: '\u001b[4C', means: ' ' }),
  fc.constant({ raw: '\b', means: '\b' }),
)
type Token = { readonly raw: string | Buffer; readonly means: string }

/** The plain way: each character with the place it came from, then lines, then `indexOf`. */
function naive(tokens: readonly Token[], pattern: RegExp) {
  type Character = { readonly text: string; readonly place: number }
  let line: Character[][] = [[]]
  const lines = [line]
  let place = 0
  for (const { raw, means } of tokens) {
    if (means === '\n') {
      line = [[]]
      lines.push(line)
    } else if (means === '\r') line.push([])
    else if (means === '\b') line.at(-1)?.pop()
    else {
      let at = place
      for (const text of means) {
        line.at(-1)?.push({ text, place: at })
        at += Buffer.byteLength(text)
      }
    }
    place += Buffer.byteLength(raw)
  }
  const hits: { offset: number; text: string }[] = []
  for (const states of lines.reverse()) {
    for (const state of states.reverse()) {
      const text = state.map((each) => each.text).join('')
      const match = new RegExp(pattern).exec(text)
      if (!match) continue
      let units = 0
      const first = state.find((each) => {
        units += each.text.length
        return units > match.index
      })
      hits.push({ offset: first?.place ?? -1, text })
      break
    }
  }
  return hits
}

describe('a search in a log', () => {
  it('finds what a plain search in the text finds, at the very bytes, over all borders', () => {
    const query = fc.constantFrom<readonly [SearchQuery, RegExp]>(
      [{ text: 'needle', matchCase: true }, /needle/u],
      [{ text: 'needle' }, /needle/iu],
      [{ text: 'ärgerx' }, /ärgerx/iu],
      [{ text: '😀needle', matchCase: true }, /😀needle/u],
      [{ text: 'n.e+d?le$', isRegex: true }, /n.e+d?le$/iu],
      [{ text: '^(?:x|Nee)\\S', isRegex: true, matchCase: true }, /^(?:x|Nee)\S/u],
      [{ text: '.needle', isRegex: true, matchCase: true }, /.needle/u],
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 150 }), query, (tokens, [asked, pattern]) => {
        const log = logOf(...tokens.map(({ raw }) => raw).filter((raw) => raw.length > 0))
        const { hits, searchedBytes } = search(log, asked)
        expect(hits.map(({ offset, text }) => ({ offset, text }))).toEqual(naive(tokens, pattern))
        expect(searchedBytes).toBe(log.end)
        log.close()
      }),
      { numRuns: 150 },
    )
  })

  it('goes on where a hit says, without one missed or told twice', () => {
    const log = logOf(...Array.from({ length: 50 }, (_, i) => `\u001b[32mline ${i}\u001b[0m\r\n`))
    const all = search(log, { text: 'line' }).hits
    expect(all).toHaveLength(50)
    const offsets = all.map(({ offset }) => offset)
    for (const [index, { before }] of all.entries()) {
      const rest = search(log, { text: 'line' }, SMALL, before).hits
      expect(rest.map(({ offset }) => offset)).toEqual(offsets.slice(index + 1))
    }
  })

  it('tells of a line that was written over its last state that matches', () => {
    const log = logOf('1% of it\r', '2% of it\r', 'done\n')
    expect(search(log, { text: 'of it' }).hits).toMatchObject([{ text: '2% of it', offset: 12 }])
  })

  it('finds each match in a line that is longer than it may be, once', () => {
    const sizes = { windowBytes: 256, longestLineBytes: 1024, overlapBytes: 64 }
    const random = seeded(7)
    const places: number[] = []
    let line = ''
    for (let i = 0; i < 200; i++) {
      line += `${'ä'.repeat(600 + Math.floor(random() * 600))}${random() < 0.3 ? '\u001b[31m' : ''}`
      places.push(Buffer.byteLength(line))
      line += 'need\u001b[1mle'
    }
    const { hits } = search(logOf(line), { text: 'needle', matchCase: true }, sizes)
    expect(hits.map(({ offset }) => offset)).toEqual(places.reverse())
  })

  it('shows of a long line what stands around the match, with whole characters', () => {
    const log = logOf(`${'😀'.repeat(500)}needle${'😀'.repeat(500)}needle`)
    const [hit] = search(log, { text: 'needle' }).hits
    expect(hit?.isCut).toBe(true)
    expect(hit?.offset).toBe(2000)
    expect(hit?.text).toBe(`${'😀'.repeat(60)}needle${'😀'.repeat(137)}`)
    expect(hit?.ranges).toEqual([[120, 126]])
  })

  it('says what was evicted, also while it searches', () => {
    const log = makeLog(onTestFinished, { maxBytes: 65_536, segmentBytes: 16_384 })
    const write = () => log.append(Buffer.from('needle\n'.repeat(1_000)))
    for (let i = 0; i < 9; i++) write()
    const steps = searchBackwards({
      log,
      to: log.end,
      matcher: compileQuery({ text: 'needle' }),
      buffers: createSearchBuffers(SMALL),
    })
    const first = log.start
    for (let i = 0; i < 200; i++) steps.next()
    for (let i = 0; i < 9; i++) write()
    const rest = [...steps]
    expect(log.start).toBeGreaterThan(first)
    expect(rest.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', from: first, to: expect.any(Number) },
    ])
  })
})

describe('a query', () => {
  it.each([
    [{ text: '' }],
    [{ text: 'x'.repeat(1_001) }],
    [{ text: 'a\nb' }],
    [{ text: '(', isRegex: true }],
    [{ text: '[b-a]', isRegex: true }],
  ])('is refused when it can find nothing: %j', (query) => {
    expect(() => compileQuery(query)).toThrow(/BAD_OPTION\] query: /)
  })

  it('stands for itself unless it is a regular expression', () => {
    const special = 'a.b*c[d](e)^$|{1}/\\-'
    expect(compileQuery({ text: special }).matches(`x${special}`, 9)).toEqual([[1, 21]])
    expect(compileQuery({ text: 'a.b' }).matches('axb', 9)).toEqual([])
  })

  it('may be a regular expression that only older rules allow, or one without a width', () => {
    expect(compileQuery({ text: '\\-x', isRegex: true }).matches('a-x', 9)).toEqual([[1, 3]])
    expect(compileQuery({ text: 'y*', isRegex: true }).matches('😀yy😀', 9)).toEqual([[2, 4]])
    expect(compileQuery({ text: '^', isRegex: true }).matches('😀', 9)).toEqual([])
  })

  it('is tried on long lines in pieces, and finds each match once', () => {
    const line = 'abc '.repeat(5_000)
    const found = compileQuery({ text: '\\w+', isRegex: true }).matches(line, 10_000)
    expect(found).toHaveLength(5_000)
    expect(found.every(([from, to]) => line.slice(from, to) === 'abc')).toBe(true)
  })
})
