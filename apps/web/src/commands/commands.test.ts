import { describe, expect, it, vi } from 'vitest'
import { type Command, createCommands } from './commands.ts'
import { fuzzyMatch, fuzzySort } from './fuzzy.ts'
import { ariaKeys, chordOf, type KeyPress, shownKeys } from './keys.ts'

function press(key: string, code: string, held = 'ctrl shift'): KeyPress {
  return {
    key,
    code,
    ctrlKey: held.includes('ctrl'),
    shiftKey: held.includes('shift'),
    altKey: held.includes('alt'),
    metaKey: held.includes('meta'),
  }
}

const command = (id: string, more: Partial<Command> = {}): Command => ({
  id,
  title: id,
  group: 'Test',
  run: vi.fn(),
  ...more,
})

describe('keys', () => {
  it.each([
    [press('P', 'KeyP'), 'Ctrl+Shift+P'],
    // A French keyboard has its A where others have their Q; a Greek one has no A at all.
    [press('A', 'KeyQ'), 'Ctrl+Shift+A'],
    [press('Α', 'KeyA'), 'Ctrl+Shift+A'],
    [press('!', 'Digit1'), 'Ctrl+Shift+1'],
    [press('{', 'BracketLeft'), 'Ctrl+Shift+BracketLeft'],
    [press('p', 'KeyP', 'meta shift'), 'Ctrl+Shift+P'],
    [press('F2', 'F2', ''), 'F2'],
  ])('%o is a chord', (event, chord) => {
    expect(chordOf(event)).toBe(chord)
  })

  it('are shown as they are printed on keyboards, and told as readers want them', () => {
    expect(shownKeys('Ctrl+Shift+ArrowLeft')).toEqual(['Ctrl', 'Shift', '←'])
    expect(ariaKeys('Ctrl+Shift+BracketLeft')).toBe('Control+Shift+[')
  })
})

describe('commands', () => {
  it('are run by name and by key, but not when they cannot be', () => {
    const commands = createCommands()
    let can = true
    const zoom = command('zoom', { keys: ['Ctrl+Shift+X'], when: () => can })
    commands.register([zoom])
    expect(commands.run('zoom')).toBe(true)
    expect(commands.press(press('X', 'KeyX'))).toBe(true)
    can = false
    expect(commands.press(press('X', 'KeyX'))).toBe(false)
    expect(commands.run('zoom')).toBe(false)
    expect(commands.run('nothing')).toBe(false)
    expect(zoom.run).toHaveBeenCalledTimes(2)
    expect(commands.keyOf('zoom')).toBe('Ctrl+Shift+X')
  })

  it('may share a key when only one of them can be run', () => {
    const commands = createCommands()
    const never = command('never', { keys: ['F1'], when: () => false })
    const always = command('always', { keys: ['F1'] })
    commands.register([never, always])
    expect(commands.press(press('F1', 'F1', ''))).toBe(true)
    expect(always.run).toHaveBeenCalledOnce()
  })

  it('go away with what brought them', () => {
    const commands = createCommands()
    const remove = commands.register([command('a'), command('b')])
    commands.register([command('c')])
    remove()
    expect(commands.all.value.map(({ id }) => id)).toEqual(['c'])
    expect(() => commands.register([command('c')])).toThrow('c is registered already')
    expect(() => commands.register([command('d'), command('d')])).toThrow('d is registered')
  })

  it('refuse a key that two would always want, and share one that only one wants at a time', () => {
    const commands = createCommands()
    commands.register([command('a', { keys: ['Ctrl+Shift+G'] })])
    const second = { keys: ['Ctrl+Shift+G'] } as const
    expect(() => commands.register([command('b', second)])).toThrow(
      'Ctrl+Shift+G runs a, and not b',
    )
    commands.register([command('c', { ...second, when: () => false })])
    expect(commands.all.value.map(({ id }) => id)).toEqual(['a', 'c'])
  })

  it('tell of what went wrong, at once or later', async () => {
    const onError = vi.fn()
    const commands = createCommands({ onError })
    const now = () => {
      throw new Error('now')
    }
    commands.register([command('now', { run: now }), command('later', { run: async () => now() })])
    commands.run('now')
    commands.run('later')
    await vi.waitFor(() => expect(onError).toHaveBeenCalledTimes(2))
  })
})

describe('finding', () => {
  it('prefers beginnings of words and characters in a row', () => {
    const found = (query: string) =>
      fuzzySort(
        query,
        ['Restart', 'Split right', 'Open settings', 'Close pane'],
        (text) => text,
      ).map(({ item }) => item)
    expect(found('sr')[0]).toBe('Split right')
    expect(found('set')[0]).toBe('Open settings')
    expect(found('cp')).toEqual(['Close pane'])
    expect(found('zzz')).toEqual([])
    expect(found('')).toEqual(['Restart', 'Split right', 'Open settings', 'Close pane'])
  })

  it('says which characters it found', () => {
    expect(fuzzyMatch('sr', 'Split right')?.at).toEqual([0, 6])
    expect(fuzzyMatch('split r', 'Split right')?.at).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
