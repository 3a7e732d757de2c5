import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DOUBLE_TAP_MS, modified, NO_MODIFIERS, tapped, used } from './modifiers.ts'

const CTRL = { ...NO_MODIFIERS, ctrl: 'once' as const }
const ALT = { ...NO_MODIFIERS, alt: 'once' as const }

describe('a tap', () => {
  it('counts for one key', () => {
    const once = tapped(NO_MODIFIERS, 'ctrl', 1_000)
    expect(once.ctrl).toBe('once')
    expect(used(once).ctrl).toBe('off')
  })

  it('and another soon after counts for every key, until the next', () => {
    const locked = tapped(tapped(NO_MODIFIERS, 'alt', 1_000), 'alt', 1_000 + DOUBLE_TAP_MS)
    expect(locked.alt).toBe('locked')
    expect(used(used(locked)).alt).toBe('locked')
    expect(tapped(locked, 'alt', 9_000).alt).toBe('off')
  })

  it('and another later takes it back', () => {
    const once = tapped(NO_MODIFIERS, 'ctrl', 1_000)
    expect(tapped(once, 'ctrl', 1_001 + DOUBLE_TAP_MS).ctrl).toBe('off')
  })
})

describe('held modifiers', () => {
  it.each([
    ['c', CTRL, '\x03'],
    ['C', CTRL, '\x03'],
    [' ', CTRL, '\0'],
    ['[', CTRL, '\x1b'],
    ['/', CTRL, '\x1f'],
    ['é', CTRL, 'é'],
    ['b', ALT, '\x1bb'],
    ['c', { ...CTRL, alt: 'locked' as const }, '\x1b\x03'],
    ['\x1b[A', CTRL, '\x1b[1;5A'],
    ['\x1bOD', ALT, '\x1b[1;3D'],
    ['\x1b[5~', CTRL, '\x1b[5;5~'],
    ['a whole sentence', CTRL, 'a whole sentence'],
    ['x', NO_MODIFIERS, 'x'],
  ])('make of %j under %j: %j', (keys, modifiers, sent) => {
    expect(modified(keys, modifiers)).toBe(sent)
  })

  it('never make a key disappear, and leave text of several characters as it is', () => {
    const stick = fc.constantFrom('off' as const, 'once' as const, 'locked' as const)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), stick, stick, (keys, ctrl, alt) => {
        const sent = modified(keys, { ctrl, alt, tappedAtMs: 0 })
        expect(sent.length).toBeGreaterThan(0)
        if ([...keys].length > 1 && !keys.startsWith('\x1b')) expect(sent).toBe(keys)
      }),
    )
  })
})
