import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { TerminalScreen } from '../terminal/screen.ts'
import { showSnapshot } from '../terminal/show-snapshot.ts'
import { CLEAR_ALL } from '../terminal/terminal-lines.ts'
import type { FromReplay, ShownMessage, ToReplay } from './messages.ts'
import { createPlayer, type PlayerState } from './player.ts'
import type { ReplayEvent } from './recording.ts'
import { nearestStep } from './steps.ts'
import { offsetAt, type Timeline } from './timeline.ts'

/** More than this not parsed yet, in characters, and the screen is behind. */
const MOST_UNREAD = 1024 * 1024

/** What reads the recording: a worker. */
export interface ReplayPort {
  post(message: ToReplay): void
  close(): void
}

export interface ReplayState {
  readonly player: PlayerState
  /** Known in part while it is read, and absent at first. */
  readonly timeline: Timeline | undefined
  /** Up to here it was read: what lies behind has to wait. */
  readonly indexed: number
  readonly isIndexed: boolean
  /** Whether a jump is under way. */
  readonly isSeeking: boolean
  /** Whether anything was shown yet. */
  readonly isReady: boolean
  readonly prompts: readonly number[]
  readonly size: { readonly cols: number; readonly rows: number }
  readonly problem: string | undefined
}

export interface ReplayOptions {
  readonly screen: TerminalScreen
  readonly connect: (receive: (message: FromReplay) => void) => ReplayPort
  readonly source: (ToReplay & { readonly type: 'open' })['source']
  /** What is known of it already. */
  readonly timeline?: Timeline | undefined
  readonly clock: Clock
  readonly onUnauthorized: () => void
}

/** A recording on a screen: anywhere, onwards and back. */
export interface Replay {
  readonly state: ReadonlySignal<ReplayState>
  /** @param toLineEnd Shows the whole line that is there; resolves when it is shown. */
  seek(offset: number, toLineEnd?: boolean): Promise<void>
  seekTime(timeMs: number): Promise<void>
  /** To the prompt before or after this place; where there are none, to the end of a pause. */
  step(by: -1 | 1): void
  toggle(): void
  setSpeed(speed: number): void
  setSkipsPauses(skips: boolean): void
  /** A session that goes on has said more. */
  refresh(): void
  tell(timeline: Timeline): void
  close(): void
}

export function createReplay(options: ReplayOptions): Replay {
  const { screen, connect, source, clock, onUnauthorized } = options
  let lastId = 0
  /** What was asked for last, and not shown yet. */
  let wanted: { readonly offset: number; readonly toLineEnd: boolean } | undefined
  let arrived: (() => void)[] = []
  /** Where the jump leads that is under way. */
  let underWay: number | undefined
  let wasPlaying = false
  let unread = 0

  const player = createPlayer({
    clock,
    show,
    need: () => port.post({ type: 'more', id: lastId }),
    isBusy: () => unread > MOST_UNREAD,
    onChange: (next) => set({ player: next }),
  })
  const state = signal<ReplayState>({
    player: player.state,
    timeline: options.timeline,
    indexed: 0,
    isIndexed: false,
    isSeeking: false,
    isReady: false,
    prompts: [],
    size: { cols: screen.cols, rows: screen.rows },
    problem: undefined,
  })

  function set(change: Partial<ReplayState>): void {
    state.value = { ...state.peek(), ...change }
  }

  function show(event: ReplayEvent): void {
    if (event.type === 'output') {
      unread += event.text.length
      screen.write(event.text, () => {
        unread -= event.text.length
      })
    } else if (event.type === 'resize')
      screen.write('', () => {
        screen.resize(event.cols, event.rows)
        set({ size: { cols: event.cols, rows: event.rows } })
      })
  }

  function shown({ id, offset, timeMs, cols, rows, bytes }: ShownMessage): void {
    if (id !== lastId) return
    showSnapshot(screen, { bytes, cols, rows }, () => {
      if (id !== lastId) return
      set({ isSeeking: wanted !== undefined, isReady: true, size: { cols, rows } })
      if (wanted) return
      const all = arrived
      arrived = []
      for (const tell of all) tell()
    })
    player.moved({ offset, timeMs })
    if (wanted) {
      ask(wanted)
      wanted = undefined
    } else if (wasPlaying) player.play()
  }

  function ask({ offset, toLineEnd }: { offset: number; toLineEnd: boolean }): void {
    lastId++
    underWay = offset
    port.post({ type: 'seek', id: lastId, offset, toLineEnd })
  }

  const port = connect((message) => {
    switch (message.type) {
      case 'shown':
        underWay = undefined
        shown(message)
        break
      case 'events':
        if (message.id === lastId) player.feed(message.events, message.isEnd)
        break
      case 'indexed': {
        const { offset, isDone, timeline, prompts } = message
        const known = state.peek().timeline
        const markers = known?.markers ?? []
        set({
          indexed: offset,
          isIndexed: isDone,
          prompts,
          // The server's knows the end from the start.
          ...((isDone || !known || known.end < offset) && {
            timeline:
              markers.length > timeline.markers.length ? { ...timeline, markers } : timeline,
          }),
        })
        break
      }
      case 'failed':
        if (message.isRefused) onUnauthorized()
        underWay = undefined
        set({ problem: message.text, isSeeking: false })
    }
  })
  port.post({ type: 'open', source })
  screen.write(CLEAR_ALL)

  function seek(offset: number, toLineEnd = false): Promise<void> {
    if (underWay === undefined) wasPlaying = player.state.isPlaying
    player.pause()
    set({ isSeeking: true })
    // One after the other, so that something is shown while somebody drags; the latest counts. But one
    // that has to wait until so much was read stops nobody.
    if (underWay !== undefined && underWay <= state.peek().indexed) wanted = { offset, toLineEnd }
    else ask({ offset, toLineEnd })
    return new Promise((resolve) => arrived.push(resolve))
  }

  return {
    state,
    seek,
    async seekTime(timeMs) {
      const { timeline } = state.peek()
      if (timeline) await seek(offsetAt(timeline, timeMs))
    },
    step(by) {
      const { timeline, prompts, player: now } = state.peek()
      const to = timeline && nearestStep({ timeline, prompts, offset: now.offset, by })
      if (to !== undefined) void seek(to)
    },
    toggle() {
      if (player.state.isPlaying || state.peek().isSeeking) {
        wasPlaying = false
        player.pause()
        return
      }
      const { timeline } = state.peek()
      wasPlaying = false
      if (player.state.isAtEnd && timeline) {
        void seek(timeline.start)
        wasPlaying = true
      } else player.play()
    },
    setSpeed: (speed) => player.setSpeed(speed),
    setSkipsPauses: (skips) => player.setSkipsPauses(skips),
    refresh: () => port.post({ type: 'refresh' }),
    tell(timeline) {
      if (!state.peek().isIndexed) set({ timeline })
    },
    close() {
      player.close()
      port.close()
    },
  }
}
