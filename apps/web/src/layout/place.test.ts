import { describe, expect, it } from 'vitest'
import { hashOf, place, placeOfHash } from './place.ts'

describe('addresses', () => {
  it.each([
    ['#/session/s1', place('terminal', 's1')],
    ['#/session/s1?server=box', place('terminal', 's1', { server: 'box' })],
    ['#/view/settings', place('settings')],
    ['#/view/replay/s1?at=4096', place('replay', 's1', { at: '4096' })],
  ])('%s leads there and back', (hash, there) => {
    expect(placeOfHash(hash)).toEqual(there)
    expect(hashOf(there)).toBe(hash)
  })

  it('of old lead to their session', () => {
    expect(placeOfHash('#s1')).toEqual(place('terminal', 's1'))
  })

  it('carry whatever an id holds', () => {
    const odd = place('processes', 'a/b c?#%', { q: '&=' })
    expect(placeOfHash(hashOf(odd))).toEqual(odd)
  })

  it.each(['', '#', '#/', '#/session/', '#/view/', '#/view/..%2f', '#/other/x', '#%'])(
    '%s leads nowhere',
    (hash) => {
      expect(placeOfHash(hash)).toBeUndefined()
    },
  )
})
