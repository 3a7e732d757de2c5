import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInputBook } from './input-book.ts'

describe('input book', () => {
  it('accepts each number of each client once and in order, whatever is sent again', () => {
    const typed = fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 6 }))
    fc.assert(
      fc.property(fc.array(typed, { maxLength: 60 }), (inputs) => {
        const book = createInputBook()
        const accepted: Record<string, number[]> = { a: [], b: [] }
        for (const [clientId, seq] of inputs)
          if (book.accept(clientId, seq) === 'next') accepted[clientId]?.push(seq)
        for (const [clientId, seqs] of Object.entries(accepted)) {
          expect(seqs).toEqual(seqs.map((_, i) => i + 1))
          expect(book.last(clientId)).toBe(seqs.length)
        }
      }),
    )
  })

  it('tells a hole from a repeat', () => {
    const book = createInputBook()
    expect(book.accept('a', 1)).toBe('next')
    expect(book.accept('a', 1)).toBe('duplicate')
    expect(book.accept('a', 3)).toBe('gap')
    expect(book.last('a')).toBe(1)
  })

  it('forgets whoever typed longest ago, and never grows beyond its bound', () => {
    const book = createInputBook()
    for (let i = 0; i < 4_097; i++) book.accept(`client ${i}`, 1)
    expect(book.last('client 0')).toBe(0)
    expect(book.last('client 1')).toBe(1)
  })
})
