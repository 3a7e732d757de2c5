import { randomUUID } from 'node:crypto'
import type { Clock } from '@conductor/machine'
import { type AttachMode, CloseCode } from '@conductor/protocol'
import { isPtySessionError, type ViewerSink } from '@conductor/pty-session'
import { z } from 'zod'
import type { Who } from '../sessions/open-session.ts'
import type { AttachTarget } from '../sessions/session-directory.ts'
import { createFlowControl } from './flow-control.ts'
import { createInputPause } from './input-pause.ts'
import { createKeepAlive } from './keep-alive.ts'
import type { Bridge, MessageSocket } from './message-socket.ts'

/** Characters of one `output` message: six bytes each at worst, so never over 256 KiB. */
const PIECE_CHARACTERS = 40_000

/** A pasted text goes to the host in pieces of this size, in bytes. */
const INPUT_BYTES = 64 * 1024

/** Plain clients answer pings by themselves, but only while they read: they get longer. */
const PATIENCE = 2.4

const cells = z.number().int().min(0).max(65_535)
const message = z.union([
  z.object({ type: z.literal('input'), data: z.string() }),
  z.object({ type: z.literal('resize'), cols: cells, rows: cells }),
])
const anyMessage = z.object({ type: z.string() })

export interface PlainBridgeOptions {
  readonly socket: MessageSocket
  readonly target: AttachTarget
  readonly who?: Who | undefined
  /** What whoever it is may do (default: `driver`). */
  readonly mode?: AttachMode | undefined
  readonly silenceMs: number
  readonly clock: Clock
}

/**
 * Speaks JSON in text messages, for clients as plain as `websocat`: the kept history first, then what
 * comes. A binary message is typed as it is. Nothing can be resumed: for that there is conductor.v1.
 */
export function createPlainBridge(options: PlainBridgeOptions): Bridge {
  const { socket, target, who, mode = 'driver', silenceMs, clock } = options
  const keepAlive = createKeepAlive({
    clock,
    silenceMs: silenceMs * PATIENCE,
    ping: socket.ping,
    onSilent() {
      closed()
      socket.terminate()
    },
  })
  let over = false
  let closeChannel = (): void => {}

  function leave(code: number, reason: string): void {
    if (over) return
    closed()
    socket.close(code, reason)
  }

  function closed(): void {
    if (over) return
    over = true
    keepAlive.stop()
    closeChannel()
  }

  const ignoring: Bridge = { receive: () => {}, heard: () => {}, leave, closed }
  if (target.kind === 'missing') {
    leave(CloseCode.noSession, 'no such session')
    return ignoring
  }
  if (target.kind === 'unreachable') {
    leave(CloseCode.tooSlow, `its host does not answer: ${target.reason}`)
    return ignoring
  }

  const { open } = target
  const { session, viewers } = open
  const clientId = randomUUID()
  const flow = createFlowControl(socket)
  const inputPause = createInputPause(socket, keepAlive)
  // A character may be cut by the end of any block: the rest of it comes with the next one.
  let decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let seq = 0

  const visit = open.join({ clientId: undefined, leave, who, mode })
  const wake = (): void => viewer.resume()

  function say(value: object): void {
    if (!over) socket.send(JSON.stringify(value))
  }

  /** `false` when the socket has enough for now. */
  function sayOutput(text: string): boolean {
    let room = true
    for (let at = 0; at < text.length; ) {
      let end = Math.min(at + PIECE_CHARACTERS, text.length)
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
      room = flow.send(JSON.stringify({ type: 'output', data: text.slice(at, end) }), wake)
      at = end
    }
    return room
  }

  /** What is left of a character that never came to its end. */
  function sayRest(): void {
    const rest = decoder.decode()
    if (rest) say({ type: 'output', data: rest })
  }

  const sink: ViewerSink = {
    output({ buffer, start, end, release }) {
      const text = decoder.decode(buffer.subarray(start, end), { stream: true })
      release()
      return sayOutput(text)
    },
    gap(from, to) {
      sayRest()
      decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      say({ type: 'gap', from, to })
    },
    size: () => {},
    state: (state) => {
      if ('reason' in state)
        say({ type: 'notice', code: state.name.toUpperCase(), text: state.reason })
    },
    notice: (code, text) => say({ type: 'notice', code, text }),
    exit({ code, signal }) {
      sayRest()
      say({ type: 'exit', code: code ?? null, signal: signal ?? null })
      leave(1000, 'the session has ended')
    },
    lost(reason) {
      sayRest()
      say({ type: 'notice', code: 'LOST', text: reason })
      say({ type: 'exit', code: null, signal: null })
      leave(1000, 'the session was lost')
    },
  }
  const viewer = viewers.attach({ sink, from: session.log.start })
  closeChannel = () => {
    visit.leave()
    viewer.close()
    flow.forget(wake)
  }

  function type(bytes: Uint8Array): void {
    if (mode === 'viewer') {
      leave(CloseCode.forbidden, 'a viewer may not type')
      return
    }
    viewer.typed()
    visit.typed(bytes)
    for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
      const piece = bytes.subarray(at, at + INPUT_BYTES)
      session.input({ clientId, seq: ++seq, bytes: piece }).then(settled, (error) => {
        settled()
        if (!isPtySessionError(error, 'ENDED')) leave(CloseCode.tooSlow, 'input was not taken')
      })
    }
    inputPause.look(session.inputBacklogBytes)
  }

  function settled(): void {
    if (!over) inputPause.look(session.inputBacklogBytes)
  }

  function receive(data: Buffer, isBinary: boolean): void {
    if (over) return
    keepAlive.heard()
    if (isBinary) {
      type(data)
      return
    }
    const value = parseJson(data.toString('utf8'))
    const parsed = message.safeParse(value)
    if (!parsed.success) {
      const { data: other } = anyMessage.safeParse(value)
      // Types of a later version are passed over; what should be known and is not, is a bad frame.
      const known = other === undefined || other.type === 'input' || other.type === 'resize'
      if (known) leave(CloseCode.badFrame, 'send {"type":"input","data":"…"} or binary')
      return
    }
    if (parsed.data.type === 'input') {
      type(Buffer.from(parsed.data.data))
      return
    }
    const { cols, rows } = parsed.data
    if (mode === 'driver' && cols > 0 && rows > 0) viewer.resize({ cols, rows }, true)
  }

  return { receive, heard: keepAlive.heard, leave, closed }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
