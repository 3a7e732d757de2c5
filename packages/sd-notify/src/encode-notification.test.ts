import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeNotification, type NotifyFields } from './encode-notification.ts'
import { isSdNotifyError } from './sd-notify-error.ts'

/** Fields as somebody without a compiler might pass them. */
const loose = (fields: object): string => encodeNotification(fields as NotifyFields)

function refusal(fields: object): string {
  try {
    return `accepted: ${loose(fields)}`
  } catch (error) {
    return isSdNotifyError(error, 'BAD_OPTION') ? error.message : String(error)
  }
}

describe('encodeNotification', () => {
  it('writes one line per field, in their order, and leaves out what is undefined', () => {
    expect(
      encodeNotification({ READY: 1, STATUS: 'up: a=b ünï', ERRNO: undefined, X_MY_APP: 'x' }),
    ).toBe('READY=1\nSTATUS=up: a=b ünï\nX_MY_APP=x')
    expect(encodeNotification({ STATUS: '' })).toBe('STATUS=')
  })

  it.each([
    ['a line feed', 'up\nMAINPID=1'],
    ['a carriage return, which systemd takes for a line break too', 'up\rMAINPID=1'],
    ['a zero', 'up\0'],
  ])('refuses a value with %s', (_, value) => {
    expect(refusal({ STATUS: value })).toContain('[sd-notify/BAD_OPTION] STATUS is "up')
  })

  it.each([
    ['an unknown key', { REDAY: 1 }, '"REDAY" is no field: use READY, '],
    ['a key that needs a descriptor', { FDSTORE: 1 }, '"FDSTORE" is no field'],
    ['a key that is a line of its own', { 'X_A\nMAINPID': 1 }, '"X_A\\nMAINPID" is no field'],
    ['a fraction', { WATCHDOG_USEC: 0.5 }, 'WATCHDOG_USEC is 0.5: it must be a whole number'],
    ['no number', { MAINPID: Number.NaN }, 'MAINPID is NaN'],
    ['another type', { READY: true }, 'READY must be a string or a number'],
    ['nothing', {}, 'at least one field'],
    ['only undefined', { STATUS: undefined }, 'at least one field'],
  ])('refuses %s', (_, fields, text) => {
    expect(refusal(fields)).toContain(text)
  })

  it('refuses what systemd would ignore as too long, in bytes and not in characters', () => {
    const room = 4_096 - 'STATUS='.length
    expect(encodeNotification({ STATUS: 'x'.repeat(room) })).toHaveLength(4_096)
    expect(refusal({ STATUS: 'x'.repeat(room + 1) })).toContain('4097 bytes')
    expect(refusal({ STATUS: 'é'.repeat(room / 2 + 1) })).toContain('shorten the status')
  })

  it('never writes a line that nobody asked for, whatever the keys and values are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', '=', '\n', '\r', '\0', '\u2028', 'READY=1') }),
    )
    const key = fc.oneof(fc.constantFrom('READY', 'STATUS', 'MAINPID', 'X_A', '__proto__'), text)
    const value = fc.oneof(text, fc.double(), fc.integer(), fc.constant(undefined))
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (entries) => {
        const fields = Object.fromEntries(entries)
        let encoded: string
        try {
          encoded = loose(fields)
        } catch (error) {
          expect(isSdNotifyError(error, 'BAD_OPTION')).toBe(true)
          return
        }
        // Read as systemd reads it: up to a zero, by lines, each cut at its first `=`.
        const read = (encoded.split('\0')[0] ?? '').split(/[\n\r]+/).map((line) => {
          const at = line.indexOf('=')
          return [line.slice(0, at), line.slice(at + 1)]
        })
        const asked = Object.entries(fields).filter(([, each]) => each !== undefined)
        expect(read).toEqual(asked.map(([name, each]) => [name, String(each)]))
      }),
      { numRuns: 1_000 },
    )
  })
})
