import type { Clock } from '@conductor/machine'
import {
  createOutputScanner,
  createTerminalState,
  fixedReply,
  type OutputPlace,
  type TerminalColors,
  type TerminalQuery,
  type TerminalSnapshot,
  type TerminalState,
  unanswered,
} from '@conductor/terminal-state'
import type { LogReader, TerminalEvent, TerminalSize } from '../types.ts'
import { createEventGate } from './event-gate.ts'

/** While nobody waits for it, the terminal reads only when the program has been quiet for this long, in milliseconds. */
const QUIET_MS = 50

/** Then for this long at once, so that a key never waits longer for its echo, in milliseconds. */
const SLICE_MS = 3

/** Further behind than this it passes over the rest, in bytes: reading 8 MiB takes about half a second. */
const MOST_BEHIND_BYTES = 8 * 1024 * 1024

/** How far apart the places lie at which it could begin, in bytes. */
const PLACE_EVERY_BYTES = 1024 * 1024

/** After the log could not be read it is tried again after this, in milliseconds. */
const RETRY_MS = 1_000

/** Lines above the screen that a snapshot can have. */
const SCROLLBACK_LINES = 1_000

/** Queries that may wait at once: who asks more does not wait for the answers. */
const MOST_WAITING = 256

type Place = OutputPlace & { readonly size: TerminalSize }

export interface SessionTerminalOptions {
  readonly log: LogReader
  readonly size: TerminalSize
  readonly clock: Clock
  readonly onEvent: (event: TerminalEvent) => void
  /** Types an answer; absent where somebody else answers. */
  readonly onReply?: ((bytes: Uint8Array) => void) | undefined
  /** There can be no terminal; told once. */
  readonly onTrouble: (error: unknown) => void
}

/**
 * The terminal that a session has of its own: it answers the program's queries, once, however many look
 * on, and knows what the screen shows.
 *
 * All output is scanned as it comes, which costs next to nothing. The emulator is only made when a
 * program or a viewer needs one, and then reads the log like any viewer, in slices, when it is quiet.
 */
export interface SessionTerminal {
  /** These bytes were appended to the log. They are borrowed during the call. */
  wrote(bytes: Uint8Array): void
  resized(size: TerminalSize): void
  setColors(colors: TerminalColors): void
  /** The terminal at the end of the log, or a little behind it while it grows. */
  snapshot(scrollbackLines: number): Promise<TerminalSnapshot | undefined>
  close(): void
}

export function createSessionTerminal(options: SessionTerminalOptions): SessionTerminal {
  const { log, clock, onReply, onTrouble } = options
  const gate = createEventGate({ clock, tell: options.onEvent })
  const scanner = createOutputScanner({ offset: log.end, onEvent: hear })
  let size = options.size
  /** Where an emulator could begin, oldest first. */
  let places: readonly [Place, ...Place[]] = [here()]
  /** All since the first place. */
  let resizes: { readonly offset: number; readonly size: TerminalSize }[] = []
  /** Asked before there was an emulator. */
  let asked: TerminalQuery[] = []
  /** Asked of the emulator and not answered yet, at most. */
  let owed = 0
  let terminal: TerminalState | undefined
  let opening: Promise<TerminalState | undefined> | undefined
  let waiting: { readonly offset: number; readonly resolve: () => void }[] = []
  let colors: TerminalColors | undefined
  let wroteMs = Number.NEGATIVE_INFINITY
  let timer: unknown
  let timerIsUrgent = false
  let closed = false

  function here(): Place {
    return { ...scanner.place(), size }
  }

  function hear(event: TerminalEvent | TerminalQuery): void {
    if (event.type === 'query') ask(event)
    else gate.push(event)
  }

  function ask(query: TerminalQuery): void {
    if (!onReply || unanswered(query) !== undefined) return
    if (terminal) {
      put(terminal, query)
      return
    }
    const reply = asked.length === 0 ? fixedReply(query) : undefined
    if (reply) {
      onReply(reply)
      return
    }
    if (asked.length < MOST_WAITING) asked.push(query)
    void open()
  }

  function put(terminal: TerminalState, query: TerminalQuery): void {
    if (terminal.waitingFor === undefined) owed = 0
    if (owed >= MOST_WAITING) return
    if (terminal.ask(query) === 'waiting') owed++
  }

  function open(): Promise<TerminalState | undefined> {
    opening ??= make().catch((error) => {
      onTrouble(error)
      asked = []
      return undefined
    })
    return opening
  }

  async function make(): Promise<TerminalState | undefined> {
    const place = places[0]
    const made = await createTerminalState({
      ...place.size,
      place,
      scrollback: SCROLLBACK_LINES,
      clock,
      onReply: ({ bytes }) => onReply?.(bytes),
    })
    if (closed) {
      made.close()
      return undefined
    }
    for (const each of resizes) if (each.offset >= place.offset) made.resize(each.offset, each.size)
    terminal = made
    if (colors) made.setColors(colors)
    const due = asked
    asked = []
    for (const query of due) put(made, query)
    plan()
    return made
  }

  /** Somebody waits: a program for an answer, or a viewer for a snapshot. */
  function isUrgent(): boolean {
    return waiting.length > 0 || terminal?.waitingFor !== undefined
  }

  function plan(): void {
    if (!terminal || closed || terminal.offset >= log.end) return
    const urgent = isUrgent()
    if (timer !== undefined && (timerIsUrgent || !urgent)) return
    clock.clearTimeout(timer)
    timerIsUrgent = urgent
    timer = clock.setTimeout(read, urgent ? 0 : QUIET_MS)
  }

  function read(): void {
    timer = undefined
    if (!terminal || closed) return
    if (isUrgent() || clock.now() - wroteMs >= QUIET_MS) {
      try {
        readOn(terminal, clock.now() + SLICE_MS)
      } catch {
        // Whoever looks on is told by their own reading that the log cannot be read.
        timerIsUrgent = true
        timer = clock.setTimeout(read, RETRY_MS)
      }
      tellWaiting(terminal.offset)
    }
    plan()
  }

  function readOn(terminal: TerminalState, untilMs: number): void {
    if (log.end - terminal.offset > MOST_BEHIND_BYTES) skip(terminal, log.end - MOST_BEHIND_BYTES)
    for (let leftMs = SLICE_MS; leftMs > 0; leftMs = untilMs - clock.now()) {
      const next = log.read(terminal.offset)
      if (next.kind === 'end') return
      if (next.kind === 'gap') {
        skip(terminal, next.to)
        continue
      }
      terminal.feed(next.buffer.subarray(next.start, next.end), leftMs)
      next.release()
    }
  }

  /** To the first place from `offset` on; the end is one, too. */
  function skip(terminal: TerminalState, offset: number): void {
    terminal.skipTo(places.find((place) => place.offset >= offset) ?? here())
  }

  function tellWaiting(offset: number): void {
    const due = waiting.filter((each) => each.offset <= offset)
    if (due.length === 0) return
    waiting = waiting.filter((each) => each.offset > offset)
    for (const { resolve } of due) resolve()
  }

  function remember(): void {
    const kept = [...places, here()].filter(
      ({ offset }) => scanner.offset - offset <= MOST_BEHIND_BYTES,
    )
    const [first, ...more] = kept
    if (!first) return
    places = [first, ...more]
    if (!opening) resizes = resizes.filter(({ offset }) => offset >= first.offset)
    if (terminal) resizes = []
  }

  return {
    wrote(bytes) {
      scanner.scan(bytes)
      wroteMs = clock.now()
      if (scanner.offset - (places.at(-1)?.offset ?? 0) >= PLACE_EVERY_BYTES) remember()
      plan()
    },
    resized(next) {
      size = next
      if (terminal) terminal.resize(scanner.offset, next)
      else resizes.push({ offset: scanner.offset, size: next })
    },
    setColors(next) {
      colors = next
      terminal?.setColors(next)
    },
    async snapshot(scrollbackLines) {
      const made = await open()
      if (!made || closed) return undefined
      const offset = log.end
      if (made.offset < offset)
        await new Promise<void>((resolve) => {
          waiting.push({ offset, resolve })
          plan()
        })
      return closed ? undefined : made.snapshot({ scrollbackLines })
    },
    close() {
      closed = true
      clock.clearTimeout(timer)
      gate.close()
      tellWaiting(Number.POSITIVE_INFINITY)
      terminal?.close()
    },
  }
}
