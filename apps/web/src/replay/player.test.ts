import { type FakeClock, fakeClock } from '@conductor/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createPlayer, type Player } from './player.ts'
import type { ReplayEvent } from './recording.ts'

let clock: FakeClock
let shown: string[]
let needs: number
let busy: boolean
let player: Player

const say = (timeMs: number, text: string): ReplayEvent => ({
  type: 'output',
  timeMs,
  offset: timeMs,
  text,
})

beforeEach(() => {
  clock = fakeClock()
  shown = []
  needs = 0
  busy = false
  player = createPlayer({
    clock,
    show: (event) => event.type === 'output' && shown.push(event.text),
    need: () => {
      needs++
    },
    isBusy: () => busy,
    onChange: () => {},
  })
})

/** Advances in steps, because a timer of the player's makes the next one. */
function pass(ms: number): void {
  for (let at = 0; at < ms; at += 10) clock.advance(10)
}

describe('a player', () => {
  it('shows each event when its time comes', () => {
    player.moved({ timeMs: 1_000, offset: 0 })
    player.play()
    expect(needs).toBe(1)
    player.feed([say(1_000, 'a'), say(1_500, 'b'), say(3_000, 'c')], false)
    expect(shown).toEqual(['a'])
    pass(490)
    expect(shown).toEqual(['a'])
    pass(20)
    expect(shown).toEqual(['a', 'b'])
    expect(player.state.timeMs).toBeGreaterThanOrEqual(1_500)
    pass(1_490)
    expect(shown).toEqual(['a', 'b', 'c'])
  })

  it.each([0.5, 2, 16])('at speed %d', (speed) => {
    player.setSpeed(speed)
    player.play()
    player.feed([say(8_000, 'a'), say(1_000_000, 'never')], true)
    pass(8_000 / speed - 20)
    expect(shown).toEqual([])
    pass(40)
    expect(shown).toEqual(['a'])
  })

  it('changes its speed on the way without a jump', () => {
    player.play()
    player.feed([say(10_000, 'a'), say(1_000_000, 'never')], true)
    pass(4_000)
    player.setSpeed(4)
    expect(player.state.timeMs).toBeCloseTo(4_000, -2)
    pass(1_480)
    expect(shown).toEqual([])
    pass(40)
    expect(shown).toEqual(['a'])
  })

  it('stands still while it is paused', () => {
    player.play()
    player.feed([say(1_000, 'a'), say(2_000, 'b')], true)
    pass(1_000)
    player.pause()
    pass(60_000)
    expect(shown).toEqual(['a'])
    player.play()
    pass(980)
    expect(shown).toEqual(['a'])
    pass(40)
    expect(shown).toEqual(['a', 'b'])
  })

  it('skips pauses, if a person wants that', () => {
    player.setSkipsPauses(true)
    player.play()
    player.feed([say(100, 'a'), say(86_400_000, 'b')], true)
    pass(100)
    pass(480)
    expect(shown).toEqual(['a'])
    pass(40)
    expect(shown).toEqual(['a', 'b'])
  })

  it('asks once for more, waits for it, and loses no time by that', () => {
    player.play()
    player.feed([say(0, 'a')], false)
    expect(needs).toBe(2)
    pass(5_000)
    expect(needs).toBe(2)
    player.feed([say(300, 'b'), say(600, 'c')], true)
    expect(shown).toEqual(['a'])
    pass(310)
    expect(shown).toEqual(['a', 'b'])
  })

  it('waits for a screen that is behind', () => {
    player.play()
    busy = true
    player.feed([say(0, 'a'), say(10, 'b')], true)
    pass(1_000)
    expect(shown).toEqual([])
    busy = false
    pass(50)
    expect(shown).toEqual(['a', 'b'])
  })

  it('shows no more at once than a screen can take', () => {
    const many = Array.from({ length: 10 }, () => say(0, 'x'.repeat(100_000)))
    player.play()
    player.feed(many, true)
    expect(shown.length).toBeLessThanOrEqual(3)
    pass(100)
    expect(shown).toHaveLength(10)
  })

  it('stops at the end, and says so', () => {
    player.play()
    player.feed([say(0, 'é')], true)
    expect(player.state).toMatchObject({ isPlaying: false, isAtEnd: true, offset: 2 })
  })

  it('forgets what it had at hand when it is moved', () => {
    player.play()
    player.feed([say(1_000, 'old')], true)
    player.moved({ timeMs: 5_000, offset: 50 })
    expect(needs).toBe(2)
    player.feed([say(5_100, 'new')], true)
    pass(2_000)
    expect(shown).toEqual(['new'])
  })
})
