import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveSize, NO_VOTERS, type SizeInput, transition } from './size-owner.ts'

const desktop = { cols: 200, rows: 50 }
const laptop = { cols: 120, rows: 40 }
const phone = { cols: 40, rows: 20 }

const play = (...inputs: SizeInput[]) => inputs.reduce(transition, NO_VOTERS)

const join = (id: number, size: typeof phone | undefined): SizeInput => ({
  type: 'joined',
  id,
  size,
})

describe('the owner of a size', () => {
  it('is the first viewer that brings one', () => {
    const state = play(join(1, undefined), join(2, desktop), join(3, phone))
    expect(state.owner).toBe(2)
    expect(effectiveSize(state)).toBe(desktop)
  })

  it('is whoever typed last, or claims it', () => {
    const three = [join(1, desktop), join(2, phone), join(3, laptop)]
    expect(effectiveSize(play(...three, { type: 'typed', id: 2 }))).toBe(phone)
    expect(effectiveSize(play(...three, { type: 'claimed', id: 3, size: phone }))).toBe(phone)
  })

  it('is not somebody without a size, however much they type', () => {
    const state = play(join(1, desktop), join(2, undefined), { type: 'typed', id: 2 })
    expect(state.owner).toBe(1)
  })

  it('does not change because another viewer is resized, but that size is remembered', () => {
    const resized = play(join(1, desktop), join(2, phone), { type: 'resized', id: 2, size: laptop })
    expect(effectiveSize(resized)).toBe(desktop)
    expect(effectiveSize(transition(resized, { type: 'typed', id: 2 }))).toBe(laptop)
  })

  it('is followed by the remaining viewer that was active last', () => {
    const state = play(
      join(1, desktop),
      join(2, phone),
      join(3, laptop),
      { type: 'typed', id: 2 },
      { type: 'typed', id: 1 },
      { type: 'left', id: 1 },
    )
    expect(state.owner).toBe(2)
  })

  it('is nobody when nobody with a size is left, and the size stays as it is', () => {
    const state = play(join(1, desktop), join(2, undefined), { type: 'left', id: 1 })
    expect(state.owner).toBeUndefined()
    expect(effectiveSize(state)).toBeUndefined()
  })

  it('is always one viewer that is there and has a size, if there is any', () => {
    const id = fc.integer({ min: 1, max: 4 })
    const size = fc.constantFrom(desktop, laptop, phone)
    const input = fc.oneof<fc.Arbitrary<SizeInput>[]>(
      fc.record({
        type: fc.constant('joined' as const),
        id,
        size: fc.option(size, { nil: undefined }),
      }),
      fc.record({ type: fc.constant('resized' as const), id, size }),
      fc.record({ type: fc.constant('claimed' as const), id, size }),
      fc.record({ type: fc.constant('typed' as const), id }),
      fc.record({ type: fc.constant('left' as const), id }),
    )
    fc.assert(
      fc.property(fc.array(input, { maxLength: 50, size: 'max' }), (inputs) => {
        let state = NO_VOTERS
        for (const each of inputs) {
          state = transition(state, each)
          const withSize = state.voters.filter((voter) => voter.size)
          const owner = withSize.find((voter) => voter.id === state.owner)
          expect(new Set(state.voters.map((voter) => voter.id)).size).toBe(state.voters.length)
          if (withSize.length === 0) expect(state.owner).toBeUndefined()
          else expect(effectiveSize(state)).toBe(owner?.size)
          if (withSize.length > 0) expect(owner).toBeDefined()
        }
      }),
    )
  })
})
