import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFirstLine, encodeClient, encodeProbe, type FirstLine } from './first-line.ts'

/** What is told of these chunks. */
function read(...chunks: (string | Uint8Array)[]): FirstLine[] {
  const told: FirstLine[] = []
  const push = createFirstLine((line) => told.push(line))
  for (const each of chunks) push(Buffer.from(each))
  return told
}

describe('the first line', () => {
  it('is read however it is cut, and nothing after it', () => {
    const bytes = Buffer.from(`${encodeClient({ pid: 7, name: 'büro' })}${encodeProbe('x')}`)
    const cut = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(read(...cut)).toEqual([{ kind: 'client', info: { pid: 7, name: 'büro' } }])
    expect(read(encodeProbe('t'))).toEqual([{ kind: 'probe', token: 't' }])
  })

  it.each([
    ['that is no JSON', '{\n'],
    ['that is no object', '7\n'],
    ['that is empty', '\n'],
    ['with nothing that we know', '{"a":1}\n'],
    ['with a probe that has no token', '{"probe":1}\n'],
    ['that has no end', '{"pid":1}'],
    ['that is too long', `{"pid":1,"a":"${'x'.repeat(1_024)}"}\n`],
  ])('%s is none, and none comes after it', (_, text) => {
    expect(read(text, text.endsWith('\n') ? '{"pid":1}\n' : '')).toEqual([])
  })

  it('is none if it is too long, however it comes', () => {
    const text = `{"pid":1,"a":"${'x'.repeat(1_024)}"}\n`
    expect(read(text.slice(0, 1_000), text.slice(1_000))).toEqual([])
  })

  it('keeps of a long one no more than it may have', () => {
    const push = createFirstLine(() => expect.unreachable())
    const chunk = Buffer.alloc(65_536, 0x20)
    const startMs = performance.now()
    // Quadratic, were it all kept: half an hour.
    for (let each = 0; each < 100_000; each++) push(chunk)
    expect(performance.now() - startMs).toBeLessThan(5_000)
  })

  it('never throws, and tells at most once, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array(), fc.json(), fc.constant('\n'))), (chunks) => {
        expect(read(...chunks).length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
