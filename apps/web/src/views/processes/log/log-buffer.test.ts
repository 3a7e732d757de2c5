import { array, assert, constantFrom, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogBuffer, type LogBuffer } from './log-buffer.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const texts = ({ lines }: LogBuffer): readonly string[] => lines.map(({ text }) => text)

function given(...pieces: readonly string[]): LogBuffer {
  const buffer = createLogBuffer()
  let offset = 0
  for (const piece of pieces) {
    buffer.append(offset, bytes(piece))
    offset += bytes(piece).length
  }
  return buffer
}

describe('the lines of a log', () => {
  it('are cut where they end, and the last one is shown before it has', () => {
    const buffer = given('one\ntw')
    expect(texts(buffer)).toEqual(['one', 'tw'])
    const [, second] = buffer.lines
    buffer.append(6, bytes('o\n\nfour\r\n'))
    expect(texts(buffer)).toEqual(['one', 'two', '', 'four'])
    expect(buffer.lines[1]?.id).toBe(second?.id)
    expect(buffer.endOffset).toBe(15)
  })

  it('show what a carriage return has left', () => {
    expect(texts(given('10 %\r20 %\r', '30 %\ndone'))).toEqual(['30 %', 'done'])
  })

  it('go on in the colour of the line before', () => {
    const buffer = given('\x1b[31mone\ntw', 'o\n\x1b[0mthree')
    expect(buffer.lines.map(({ spans }) => spans[0]?.style.color)).toEqual(['1', '1', undefined])
  })

  it('are the same, however they come in pieces', () => {
    const writing = string({
      unit: constantFrom('a', 'é', '😀', '\n', '\r', '\x1b[31m', '\x1b[0m'),
    })
    assert(
      property(writing, array(integer({ min: 1, max: 5 })), (text, sizes) => {
        const all = bytes(text)
        const pieces = createLogBuffer()
        let at = 0
        for (const size of [...sizes, all.length]) {
          const piece = all.subarray(at, at + size)
          if (piece.length > 0) pieces.append(at, piece)
          at += piece.length
        }
        const whole = createLogBuffer()
        whole.append(0, all)
        expect(pieces.lines).toEqual(whole.lines)
      }),
    )
  })

  it('stay as they were for who has them', () => {
    const buffer = given('one\ntw')
    const before = buffer.lines
    buffer.append(6, bytes('o\nthree\n'))
    expect(before.map(({ text }) => text)).toEqual(['one', 'tw'])
  })

  it('say what was rotated away, and where another log begins', () => {
    const buffer = given('one\ntw')
    buffer.append(106, bytes('x\n'))
    expect(texts(buffer)).toEqual(['one', 'tw', '[100 bytes were rotated away]', 'x'])
    buffer.append(0, bytes('y'))
    expect(texts(buffer).slice(-2)).toEqual(['[a new log begins]', 'y'])
  })

  it('without an end are cut all the same', () => {
    const buffer = given('x'.repeat(40_000))
    expect(texts(buffer).map(({ length }) => length)).toEqual([16_384, 16_384, 7_232])
  })

  it('are the newest ones when there are too many, and those keep their numbers', () => {
    const buffer = createLogBuffer({ most: 100 })
    let offset = 0
    for (let n = 0; n < 1_000; n++) {
      buffer.append(offset, bytes(`${n}\n`))
      offset += `${n}\n`.length
    }
    expect(buffer.lines.length).toBeLessThanOrEqual(105)
    expect(buffer.lines.at(-1)).toMatchObject({ id: 999, text: '999' })
    expect(buffer.dropped + buffer.lines.length).toBe(1_000)
    expect(buffer.lines[0]?.id).toBe(buffer.dropped)
  })

  it('come fast enough for a hundred thousand', () => {
    const piece = bytes(`${'{"level":30,"time":1767225600000,"msg":"request"}\n'.repeat(1_000)}`)
    const buffer = createLogBuffer()
    for (let n = 0; n < 100; n++) buffer.append(n * piece.length, piece)
    expect(buffer.lines).toHaveLength(100_000)
  })
})
