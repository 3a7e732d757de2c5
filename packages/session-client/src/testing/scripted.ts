import {
  type ClientFrame,
  decodeClientFrame,
  encodeServerFrame,
  type ServerFrame,
} from '@conductor/protocol'
import { fakeClock } from '@conductor/testing'
import { createClientCore, type SessionClient } from '../client-core.ts'
import type { AttachOptions, Session, SessionEvent, SessionOutput } from '../types.ts'
import { type FakeConnection, fakeConnection } from './fake-connection.ts'

type SentServerFrame = Exclude<ServerFrame, { type: 'unknown' }>
type Attached = Extract<ServerFrame, { type: 'attached' }>

/** A client whose server is the test, line by line. */
export interface Scripted {
  readonly clock: ReturnType<typeof fakeClock>
  readonly connection: FakeConnection
  readonly client: SessionClient
  readonly session: Session
  /** What the session told, but for `pending`. */
  readonly events: SessionEvent[]
  readonly outputs: SessionOutput[]
  /** The output so far, as text. */
  text(): string
  /** What the client has sent since the last look. */
  sent(): ClientFrame[]
  say(...frames: SentServerFrame[]): void
  /** Opens the connection, welcomes, and attaches channel 1 with these fields. */
  attach(fields?: Partial<Attached>): void
  /** Output that begins at `offset`. */
  output(offset: number, text: string): void
}

export function scripted(
  options: Partial<AttachOptions> & {
    readonly maxPendingBytes?: number
    readonly windowBytes?: number
  } = {},
): Scripted {
  const { maxPendingBytes = 8 * 1024 * 1024, windowBytes = 1024 * 1024, ...attachOptions } = options
  const clock = fakeClock()
  const connection = fakeConnection()
  const { connect } = connection
  const events: SessionEvent[] = []
  const outputs: SessionOutput[] = []
  const client = createClientCore({
    clientId: 'me',
    staleInputMs: 30_000,
    maxPendingBytes,
    clock,
    connect,
  })
  const size = { cols: 80, rows: 24 }
  const onOutput = (output: SessionOutput): void => void outputs.push(output)
  const session = client.attach({ ...size, onOutput, ...attachOptions })
  session.subscribe((event) => {
    if (event.type !== 'pending') events.push(event)
  })

  function say(...frames: SentServerFrame[]): void {
    for (const frame of frames) connection.says(encodeServerFrame(frame))
  }

  return {
    clock,
    connection,
    client,
    session,
    events,
    outputs,
    text: () => String.fromCharCode(...outputs.flatMap(({ bytes }) => [...bytes])),
    sent: () => connection.takeSent().map((bytes) => decodeClientFrame(bytes)),
    say,
    attach(fields = {}) {
      if (connection.state.name !== 'open') connection.opens()
      say({ type: 'welcome', version: 1, serverId: 's', silenceMs: 25_000, windowBytes })
      const place = { channel: 1, epoch: 'e1', from: 0, end: 0, inputSeq: 0 }
      say({ type: 'attached', ...place, ...size, mode: 'driver', name: 'zsh', ...fields })
    },
    output: (offset, text) =>
      say({
        type: 'output',
        channel: 1,
        offset,
        bytes: Uint8Array.from(text, (char) => char.charCodeAt(0)),
      }),
  }
}
