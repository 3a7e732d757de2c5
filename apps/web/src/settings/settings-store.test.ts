import { describe, expect, it } from 'vitest'
import { createSettings } from './settings-store.ts'

function storage(kept?: unknown) {
  const items = new Map<string, string>()
  if (kept !== undefined) items.set('conductor.settings', JSON.stringify(kept))
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    items,
  }
}

describe('settings', () => {
  it('are kept, and only those that were changed', () => {
    const place = storage()
    createSettings({ storage: place }).set('fontSize', 18)
    expect(JSON.parse(place.items.get('conductor.settings') ?? '')).toEqual({
      version: 1,
      values: { fontSize: 18 },
    })
    expect(createSettings({ storage: place }).values.value.fontSize).toBe(18)
  })

  it('that are wrong are passed over one by one', () => {
    const { values } = createSettings({
      storage: storage({
        version: 1,
        values: { fontSize: 'x', bell: 'loud', theme: 'dark', lineHeight: 99, toString: 1 },
      }),
    })
    expect(values.value).toMatchObject({
      fontSize: 14,
      bell: 'visual',
      theme: 'dark',
      lineHeight: 2,
    })
  })

  it.each([
    [null],
    [7],
    [{ version: 2, values: { fontSize: 18 } }],
    [{ version: 1, values: null }],
  ])('of another shape are none: %o', (kept) => {
    expect(createSettings({ storage: storage(kept) }).values.value.fontSize).toBe(14)
  })

  it('begin as the device wants, and go back to that', () => {
    const settings = createSettings({ storage: storage(), initial: { fontSize: 13 } })
    expect(settings.values.value.fontSize).toBe(13)
    settings.set('fontSize', 20)
    settings.set('bell', 'none')
    settings.reset('fontSize')
    expect(settings.values.value).toMatchObject({ fontSize: 13, bell: 'none' })
    settings.reset()
    expect(settings.values.value.bell).toBe('visual')
  })

  it('follow another page of the browser', () => {
    const place = storage()
    const [one, two] = [createSettings({ storage: place }), createSettings({ storage: place })]
    one.set('copyOnSelect', true)
    two.reload()
    expect(two.values.value.copyOnSelect).toBe(true)
  })

  it('may not become what they may not be', () => {
    const settings = createSettings({ storage: storage() })
    settings.set('fontSize', Number.NaN)
    expect(settings.values.value.fontSize).toBe(14)
    settings.set('fontSize', 1)
    expect(settings.values.value.fontSize).toBe(9)
  })
})
