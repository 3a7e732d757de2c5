import type { Clock } from '@conductor/machine'
import type { ReplayEvent } from './recording.ts'
import type { Moment } from './timeline.ts'

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const

/** While pauses are skipped they are this long, in milliseconds of the recording. */
const SHORT_PAUSE_MS = 500

/** The time moves on at least so often while it plays, in milliseconds. */
const TICK_MS = 100

/** While the screen is busy, it is asked again after this, in milliseconds. */
const BUSY_MS = 16

/** With fewer events than this at hand, more are asked for. */
const FEW_EVENTS = 200

/** Shown at once, in characters: then the screen gets its turn. */
const MOST_CHARACTERS = 256 * 1024

export interface PlayerState extends Moment {
  readonly isPlaying: boolean
  readonly speed: number
  readonly skipsPauses: boolean
  /** Whether there is nothing behind this. */
  readonly isAtEnd: boolean
}

export interface PlayerOptions {
  readonly clock: Clock
  /** Shows these, now. */
  readonly show: (event: ReplayEvent) => void
  /** Asks for more events; they come by `feed`. */
  readonly need: () => void
  /** Whether the screen has not come along yet. */
  readonly isBusy: () => boolean
  readonly onChange: (state: PlayerState) => void
}

/** Shows events when their time comes. */
export interface Player {
  readonly state: PlayerState
  play(): void
  pause(): void
  setSpeed(speed: number): void
  setSkipsPauses(skips: boolean): void
  /** Is somewhere else now: events at hand are of no use any more. */
  moved(moment: Moment): void
  /** @param isEnd Whether there are none behind these. */
  feed(events: readonly ReplayEvent[], isEnd: boolean): void
  close(): void
}

export function createPlayer({ clock, show, need, isBusy, onChange }: PlayerOptions): Player {
  let state: PlayerState = {
    timeMs: 0,
    offset: 0,
    isPlaying: false,
    speed: 1,
    skipsPauses: false,
    isAtEnd: false,
  }
  let queue: readonly ReplayEvent[] = []
  let next = 0
  let isEnd = false
  let isAsked = false
  /** The recording's time at a time of the clock. */
  let base = { timeMs: 0, clockMs: 0 }
  let timer: unknown

  function set(change: Partial<PlayerState>): void {
    state = { ...state, ...change }
    onChange(state)
  }

  function rebase(timeMs: number): void {
    base = { timeMs, clockMs: clock.now() }
  }

  const timeNow = (): number => base.timeMs + (clock.now() - base.clockMs) * state.speed

  function step(): void {
    clock.clearTimeout(timer)
    if (!state.isPlaying) return
    if (isBusy()) {
      rebase(state.timeMs)
      timer = clock.setTimeout(step, BUSY_MS)
      return
    }
    const nowMs = timeNow()
    let { offset } = state
    let characters = 0
    let lastMs = state.timeMs
    for (let event = queue[next]; event && event.timeMs <= nowMs; event = queue[next]) {
      if (characters > MOST_CHARACTERS) break
      next++
      show(event)
      lastMs = event.timeMs
      offset = event.offset
      if (event.type !== 'output') continue
      characters += event.text.length
      offset += sizeOf(event.text)
    }
    if (!isEnd && !isAsked && queue.length - next < FEW_EVENTS) {
      isAsked = true
      need()
    }
    wait(offset, nowMs, lastMs)
  }

  function wait(offset: number, nowMs: number, lastMs: number): void {
    const event = queue[next]
    if (!event) {
      // Nothing is known of what comes: the time stands still.
      rebase(lastMs)
      set({ offset, timeMs: lastMs, isAtEnd: isEnd, isPlaying: !isEnd })
      return
    }
    const pauseMs = event.timeMs - nowMs
    if (state.skipsPauses && pauseMs > SHORT_PAUSE_MS) rebase(event.timeMs - SHORT_PAUSE_MS)
    set({ offset, timeMs: Math.max(Math.min(timeNow(), event.timeMs), state.timeMs) })
    const dueMs = (event.timeMs - timeNow()) / state.speed
    timer = clock.setTimeout(step, Math.min(Math.max(dueMs, 0), TICK_MS))
  }

  return {
    get state() {
      return state
    },
    play() {
      if (state.isPlaying) return
      rebase(state.timeMs)
      set({ isPlaying: true })
      step()
    },
    pause() {
      clock.clearTimeout(timer)
      if (state.isPlaying) set({ isPlaying: false })
    },
    setSpeed(speed) {
      rebase(state.isPlaying ? Math.max(timeNow(), state.timeMs) : state.timeMs)
      set({ speed })
      step()
    },
    setSkipsPauses(skipsPauses) {
      set({ skipsPauses })
      step()
    },
    moved({ timeMs, offset }) {
      queue = []
      next = 0
      isEnd = false
      isAsked = false
      rebase(timeMs)
      set({ timeMs, offset, isAtEnd: false })
      step()
    },
    feed(events, end) {
      isAsked = false
      isEnd = end
      // What waited for these has lost no time by it.
      if (!queue[next]) rebase(state.timeMs)
      queue = [...queue.slice(next), ...events]
      next = 0
      step()
    },
    close: () => clock.clearTimeout(timer),
  }
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}
