import type { Readiness, TypedPrompt } from '@conductor/agents'
import type { Clock } from '@conductor/machine'
import { isPtySessionError, type LogRead, type PtySession } from '@conductor/pty-session'

/** Whose numbers the pieces of a prompt have: a later server goes on where an earlier one died. */
const CLIENT_ID = 'conductor-prompt'

/** A host takes no longer input at once, in bytes. */
const PIECE_BYTES = 64 * 1024

/** Between the text and the key that submits it, in milliseconds; right behind a paste it may be taken for a part of that. */
const BEFORE_SUBMIT_MS = 300

/** An input that did not get through is tried again after this, in milliseconds. */
const RETRY_MS = 1_000

export interface HandOverOptions {
  readonly session: PtySession
  /** Where the output of the program begins in the log. */
  readonly from: number
  readonly typed: TypedPrompt
  readonly ready: Readiness | undefined
  readonly clock: Clock
  /** Every key was taken. */
  readonly onDone: () => void
}

/**
 * Types the prompt once the program is ready, each key once: the pieces are numbered, and the host
 * remembers which it has, so a server that follows another can simply do it again.
 *
 * @returns Stops it.
 */
export function handOver(options: HandOverOptions): () => void {
  const { session, typed, ready, clock, onDone } = options
  const needle = Buffer.from(ready?.output ?? '')
  let seen = Buffer.alloc(0)
  let offset = options.from
  let timer: unknown
  let phase: 'waiting' | 'typing' | 'over' = 'waiting'

  const unsubscribe = session.subscribe((event) => {
    if (event.type === 'grew') look()
    if (event.type !== 'state') return
    if (event.state.name === 'exited' || event.state.name === 'lost') stop()
  })
  timer = clock.setTimeout(begin, ready?.timeoutMs ?? 0)
  look()

  /** The end of one block may be the beginning of what is looked for. */
  function look(): void {
    while (phase === 'waiting' && ready) {
      const read = tryRead()
      if (read.kind === 'end') return
      if (read.kind === 'gap') {
        offset = read.to
        continue
      }
      const bytes = Buffer.concat([seen, read.buffer.subarray(read.start, read.end)])
      offset = read.offset + read.end - read.start
      read.release()
      if (bytes.includes(needle)) {
        begin()
        return
      }
      seen = bytes.subarray(Math.max(0, bytes.length - needle.length + 1))
    }
  }

  /** What cannot be read now is waited for as if it were not there: in the end the time says so. */
  function tryRead(): LogRead {
    try {
      return session.log.read(offset)
    } catch {
      return { kind: 'end' }
    }
  }

  function begin(): void {
    if (phase !== 'waiting') return
    phase = 'typing'
    clock.clearTimeout(timer)
    void type()
  }

  async function type(): Promise<void> {
    const text = Buffer.from(typed.text)
    const pieces: Buffer[] = []
    for (let at = 0; at < text.length; at += PIECE_BYTES)
      pieces.push(text.subarray(at, at + PIECE_BYTES))
    pieces.push(Buffer.from(typed.submit))
    try {
      for (let at = await session.inputSeq(CLIENT_ID); at < pieces.length; at++) {
        if (at === pieces.length - 1) await wait(BEFORE_SUBMIT_MS)
        if (isOver()) return
        await session.input({
          clientId: CLIENT_ID,
          seq: at + 1,
          bytes: pieces[at] ?? Buffer.alloc(0),
        })
      }
    } catch (error) {
      if (isOver()) return
      if (isPtySessionError(error, 'ENDED')) return stop()
      // It cannot be told what arrived: the numbers can.
      timer = clock.setTimeout(() => void type(), RETRY_MS)
      return
    }
    stop()
    onDone()
  }

  /** It changes while others are waited for. */
  function isOver(): boolean {
    return phase === 'over'
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      timer = clock.setTimeout(resolve, ms)
    })
  }

  function stop(): void {
    phase = 'over'
    clock.clearTimeout(timer)
    unsubscribe()
  }

  return stop
}
