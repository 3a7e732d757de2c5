import { describe, expect, it } from 'vitest'
import { createViewerLists, readViewers, viewerName, viewersText } from './viewers.ts'

function fakeEvents() {
  const listeners = new Map<string, (data: unknown) => void>()
  return {
    on(name: string, listener: (data: unknown) => void) {
      listeners.set(name, listener)
      return () => {}
    },
    tell: (name: string, data: unknown) => listeners.get(name)?.(data),
  }
}

const owner = { id: '1', mode: 'driver', via: 'login', address: '127.0.0.1', since: '' }
const ana = { id: '2', mode: 'viewer', via: 'share:ab', label: 'Ana', since: '' }

describe('who looks at a session', () => {
  it('is known from the whole list, and followed from there', () => {
    const events = fakeEvents()
    const viewers = createViewerLists(events)
    expect(viewers.of('s')).toEqual([])
    events.tell('sessions', [{ id: 's', viewerList: [owner] }, { id: 't' }, null])
    expect(viewers.of('s')).toEqual([owner])
    events.tell('session.viewers', { id: 's', viewerList: [owner, ana] })
    expect(viewers.of('s')).toHaveLength(2)
    events.tell('session.removed', { id: 's' })
    expect(viewers.of('s')).toEqual([])
  })

  it('is said in a few words, and not at all while one is alone', () => {
    const [one, two] = readViewers([owner, ana])
    if (!one || !two) throw new Error('not read')
    expect(viewersText([one])).toBeUndefined()
    expect(viewersText([one, two])).toBe('2 look on')
    expect(viewersText([one, { ...two, typing: true }])).toBe('2 look on, Ana types')
    expect(viewersText([{ ...one, typing: true }, two])).toBe('2 look on, the owner types')
    expect([one, two].map(viewerName)).toEqual(['Login from 127.0.0.1', 'Ana'])
  })

  it('is made of what can be read, and shows no hidden characters', () => {
    expect(readViewers('nobody')).toEqual([])
    expect(readViewers([{ id: 1 }, null, { id: '3' }])).toEqual([])
    const [hostile] = readViewers([{ ...ana, label: 'A\u202ena\u0007' }])
    expect(hostile?.label).not.toMatch(/\p{C}/u)
  })
})
