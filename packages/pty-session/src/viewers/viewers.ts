import { type Clock, systemClock } from '@conductor/machine'
import { PtySessionError } from '../pty-session-error.ts'
import type {
  AttachOptions,
  PtySession,
  SessionEvent,
  SessionState,
  SizeOwner,
  TerminalSize,
  Viewer,
  ViewerSink,
  Viewers,
} from '../types.ts'
import { type Cursor, createCursor } from './cursor.ts'
import {
  effectiveSize,
  NO_VOTERS,
  type SizeInput,
  transition,
  type ViewerId,
} from './size-owner.ts'

/** What only tests set. */
export interface ViewersOptions {
  readonly clock?: Clock | undefined
  /** Runs `callback` when the event loop has served everybody else (default: `setImmediate`). */
  readonly nextTurn?: ((callback: () => void) => void) | undefined
}

interface Seat {
  readonly cursor: Cursor
  readonly sink: ViewerSink
  /** What the sink was told last; `undefined` until the cursor has started. */
  told: { readonly size: TerminalSize; readonly owner: SizeOwner } | undefined
}

/**
 * Lets any number of viewers look at `session`.
 *
 * Each is a cursor on the log: it is sent what lies between its offset and the end, as fast as its
 * sink takes it. A slow one holds nobody up and costs nothing but disk that is there anyway.
 *
 * A sink's `output`, `gap`, `size` and `exit` are first called in a later turn of the event loop
 * than `attach`. Sinks must not throw.
 */
export function createViewers(session: PtySession, options: ViewersOptions = {}): Viewers {
  const { clock = systemClock, nextTurn = (callback) => void setImmediate(callback) } = options
  const seats = new Map<ViewerId, Seat>()
  let votes = NO_VOTERS
  /** What the session was asked to be, which may take it a while. */
  let asked: TerminalSize | undefined
  let nextId: ViewerId = 1

  const unsubscribe = session.subscribe(onEvent)

  function onEvent(event: SessionEvent): void {
    switch (event.type) {
      case 'grew':
        wakeAll()
        break
      case 'resized':
        tellSizes()
        break
      case 'notice':
        for (const { sink } of seats.values()) sink.notice(event.code, event.text)
        break
      case 'state':
        onState(event.state)
    }
  }

  function onState(state: SessionState): void {
    if (state.name === 'exited' || state.name === 'lost') {
      // Each cursor tells it, when it has got there.
      wakeAll()
      return
    }
    for (const { sink } of seats.values()) sink.state(state)
    if (state.name !== 'running') return
    // A size that was asked for while nobody could hear it is asked for again.
    asked = undefined
    ask()
  }

  function wakeAll(): void {
    for (const { cursor } of seats.values()) cursor.wake()
  }

  function attach({ sink, from, size }: AttachOptions): Viewer {
    if (!(Number.isSafeInteger(from) && from >= 0))
      throw new PtySessionError('BAD_OPTION', `from: ${from} is not an offset`)
    const id = nextId++
    const onDone = () => leave(id)
    const cursor = createCursor({ session, sink, from, clock, nextTurn, onStart, onDone })
    const seat: Seat = { cursor, sink, told: undefined }
    seats.set(id, seat)
    vote({ type: 'joined', id, size })

    function onStart(): void {
      const { state } = session
      if (state.name === 'stalled' || state.name === 'unreachable') sink.state(state)
      tellSize(id, seat)
    }

    return {
      get offset() {
        return cursor.offset
      },
      resume: cursor.resume,
      repeat: cursor.repeat,
      skip: cursor.skip,
      resize: (next, claim) => vote({ type: claim ? 'claimed' : 'resized', id, size: next }),
      typed: () => vote({ type: 'typed', id }),
      close() {
        cursor.close()
        leave(id)
      },
    }
  }

  function leave(id: ViewerId): void {
    if (seats.delete(id)) vote({ type: 'left', id })
  }

  function vote(input: SizeInput): void {
    const before = votes
    votes = transition(votes, input)
    if (votes === before) return
    ask()
    if (votes.owner !== before.owner) tellSizes()
  }

  function ask(): void {
    const size = effectiveSize(votes)
    if (!size || isSame(size, asked ?? session.size)) return
    asked = size
    session.resize(size)
  }

  /** Tells every viewer what is news to it. */
  function tellSizes(): void {
    for (const [id, seat] of seats) if (seat.told) tellSize(id, seat)
  }

  function tellSize(id: ViewerId, seat: Seat): void {
    const { size } = session
    const owner = votes.owner === undefined ? 'none' : votes.owner === id ? 'you' : 'other'
    if (seat.told && seat.told.owner === owner && isSame(seat.told.size, size)) return
    seat.told = { size, owner }
    seat.sink.size(size, owner)
  }

  return {
    get count() {
      return seats.size
    },
    attach,
    close() {
      unsubscribe()
      for (const { cursor } of seats.values()) cursor.close()
      seats.clear()
    },
  }
}

function isSame(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows
}
