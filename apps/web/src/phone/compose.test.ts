import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createComposeStore } from './compose-store.ts'
import { composed } from './composed.ts'
import { PHONE_KEY_NAMES, readPhoneKeys, sentKeys } from './phone-keys.ts'

function storage() {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    items,
  }
}

describe('a composed text', () => {
  it('is one bracketed paste and one Enter', () => {
    expect(composed('a\nb', { bracketed: true, enter: true })).toBe('\x1b[200~a\rb\x1b[201~\r')
    expect(composed('a', { bracketed: false, enter: true })).toBe('a\r')
    expect(composed('a', { bracketed: true, enter: false })).toBe('\x1b[200~a\x1b[201~')
    expect(composed('', { bracketed: true, enter: true })).toBe('\r')
  })

  it('can never end its own paste', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const sent = composed(`${text}\x1b[201~${text}`, { bracketed: true, enter: true })
        expect(sent.indexOf('\x1b[201~')).toBe(sent.length - '\x1b[201~\r'.length)
      }),
    )
  })
})

describe('a draft', () => {
  it('is kept over a reload, by session, and gone once it was sent', () => {
    const kept = storage()
    const one = createComposeStore(kept).of('here/1')
    one.write('half a sen')
    const again = createComposeStore(kept)
    expect(again.of('here/1').draft.value).toBe('half a sen')
    expect(again.of('here/2').draft.value).toBe('')
    again.of('here/1').took('half a sentence')
    expect(kept.items.size).toBe(0)
    expect(again.of('here/1').sent.value).toEqual(['half a sentence'])
    expect(createComposeStore(kept).of('here/1').sent.value).toEqual([])
  })

  it('is there too when nothing more can be kept', () => {
    const full = () => {
      throw new Error('full')
    }
    const one = createComposeStore({ ...storage(), setItem: full }).of('x')
    one.write('still here')
    expect(one.draft.value).toBe('still here')
  })

  it('that is sent twice stands in the history once', () => {
    const one = createComposeStore(storage()).of('x')
    for (const text of ['a', 'b', 'a', '']) one.took(text)
    expect(one.sent.value).toEqual(['b', 'a'])
  })
})

describe('the row of keys', () => {
  it('is read in the order it was kept in, each key once, unknown ones passed over', () => {
    expect(readPhoneKeys(['tab', 'esc', 'tab', 'warp', 7])).toEqual(['tab', 'esc'])
    expect(readPhoneKeys([])).toEqual([])
    expect(readPhoneKeys('esc')).toBeUndefined()
    expect(readPhoneKeys([...PHONE_KEY_NAMES])).toEqual(PHONE_KEY_NAMES)
  })

  it('sends arrows as the program wants them', () => {
    expect(sentKeys('\x1b[A', true)).toBe('\x1bOA')
    expect(sentKeys('\x1b[A', false)).toBe('\x1b[A')
    expect(sentKeys('\x1b[Z', true)).toBe('\x1b[Z')
  })
})
