import type { Schedule } from '@conductor/reconnecting-ws'
import {
  type AttachOptions,
  createSessionClient,
  type Session,
  type SessionEvent,
  type SessionExit,
} from '@conductor/session-client'
import { until } from '@conductor/testing'
import { WebSocket } from 'ws'

/** Retries at once, then soon: a test has no time for the patience that people need. */
const soon: Schedule = (attempt) => (attempt === 1 ? 0 : Math.min(20 * 2 ** attempt, 400))

export interface ViewerOptions {
  /** Where to dial, asked every time; as in `http://127.0.0.1:4711`, the server's or a proxy's. */
  readonly address: () => string
  readonly token: string
  readonly id: string
  readonly cols?: number | undefined
  readonly rows?: number | undefined
  readonly mode?: AttachOptions['mode']
  /** Takes each piece of output (default: it is kept in `bytes`). */
  readonly onOutput?: ((offset: number, bytes: Uint8Array) => void) | undefined
}

/** Somebody who looks at a session, and may type, through the client that the web page uses too. */
export interface Viewer {
  readonly session: Session
  /** Everything but output and `pending`, in order. */
  readonly events: readonly SessionEvent[]
  /** All output so far, unless `onOutput` took it. */
  readonly bytes: Buffer
  readonly text: string
  readonly exit: SessionExit | undefined
  /** How long it took, after each loss of the connection, to be up to date again, in milliseconds. */
  readonly resumesMs: readonly number[]
  /** Resolves once the session is live. */
  live(): Promise<void>
  /** Resolves once the output holds `text`. */
  sees(text: string, timeoutMs?: number): Promise<void>
  close(): Promise<void>
}

export function createViewer(options: ViewerOptions): Viewer {
  const { address, token, id, cols, rows, mode, onOutput } = options
  const chunks: Buffer[] = []
  let bytes = Buffer.alloc(0)
  const events: SessionEvent[] = []
  const resumesMs: number[] = []
  let exit: SessionExit | undefined
  let lostAtMs: number | undefined

  const client = createSessionClient({
    url: () => `${address().replace('http', 'ws')}/ws/${id}`,
    headers: { 'x-session-token': token },
    WebSocket,
    schedule: soon,
    // A test that types during a fault means what it types.
    staleInputMs: 600_000,
  })
  const session = client.attach({
    cols,
    rows,
    mode,
    onOutput({ offset, bytes, done }) {
      if (onOutput) onOutput(offset, bytes)
      else chunks.push(Buffer.from(bytes))
      done()
    },
  })
  session.subscribe((event) => {
    if (event.type === 'pending') return
    events.push(event)
    if (event.type === 'exit') exit = event
    if (event.type !== 'status') return
    if (event.status.name === 'reconnecting') lostAtMs ??= performance.now()
    if (event.status.name === 'live' && lostAtMs !== undefined) {
      resumesMs.push(performance.now() - lostAtMs)
      lostAtMs = undefined
    }
  })

  const viewer: Viewer = {
    session,
    events,
    get bytes() {
      if (chunks.length > 0) bytes = Buffer.concat([bytes, ...chunks.splice(0)])
      return bytes
    },
    get text() {
      return viewer.bytes.toString()
    },
    get exit() {
      return exit
    },
    resumesMs,
    async live() {
      await until(() => session.status.name === 'live', { timeoutMs: 15_000 })
    },
    async sees(text, timeoutMs = 15_000) {
      await until(() => viewer.text.includes(text), {
        timeoutMs,
        what: `${JSON.stringify(text)} is in the output`,
      })
    },
    close: () => client.close(),
  }
  return viewer
}
