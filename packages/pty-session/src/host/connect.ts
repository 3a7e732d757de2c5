import { connect as connectSocket, type Socket } from 'node:net'
import { type ProcessIdentity, processState } from '@conductor/process-identity'
import { PtySessionError, type PtySessionErrorCode } from '../pty-session-error.ts'
import type { PtySession, SessionOptions, SessionState } from '../types.ts'
import { findHost, type Replace, replaceHost } from './find-host.ts'
import { createDeframer, frame } from './framing.ts'
import type { HostFile } from './host-file.ts'
import { createHostedSession, type HostedSessionControl } from './hosted-session.ts'
import {
  decodeFromHost,
  encodeToHost,
  type FromHost,
  HOST_PROTOCOL,
  type HostedSession,
  type HostRequest,
  type ToHost,
} from './messages.ts'

/** A link that was lost is tried again after this, doubling to the second value, in milliseconds. */
const RELINK_FIRST_MS = 20
const RELINK_LONGEST_MS = 1_000

export interface ConnectHostOptions {
  /** The host's folder, as given to `spawnSessionHost`. */
  readonly dir: string
  /** How long to wait for the host's welcome, in milliseconds (default: 3,000). */
  readonly withinMs?: number | undefined
  /**
   * As given to `spawnSessionHost`. A host that is dead, now or later, is then replaced by one that goes
   * on with what runs in tmux: the sessions are `unreachable` for a moment, and the same afterwards.
   */
  readonly tmuxSocket?: string | undefined
}

/** A link to a host. While the host lives it is made again whenever it drops. */
export interface SessionHost {
  readonly dir: string
  /** Of the present host, where an earlier one was replaced. */
  readonly identity: ProcessIdentity
  /** The sessions that this host holds, or held while we were connected. */
  readonly sessions: readonly PtySession[]
  /** Starts a program in the host. @throws PtySessionError as `createPtySession`. */
  create(options: SessionOptions): Promise<PtySession>
  /** Lets go of the host. It and its sessions go on. */
  close(): void
}

/**
 * Connects to the host of a folder, whoever started it: this is adoption.
 *
 * @throws PtySessionError `HOST_DEAD` when there provably is none (no such process, or none of that
 * start time, or none since this boot); `HOST_UNREACHABLE` when it cannot be told: try again later;
 * `BAD_PROTOCOL` when the two share no version.
 */
export async function connectSessionHost(options: ConnectHostOptions): Promise<SessionHost> {
  const { dir, withinMs = 3_000, tmuxSocket } = options
  const replace = tmuxSocket === undefined ? undefined : () => replaceHost(dir, tmuxSocket)
  const file = await findHost(dir, replace)
  const host = createHostLink(dir, file, replace)
  try {
    await host.connect(withinMs)
  } catch (error) {
    host.close()
    throw error
  }
  return host
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

function createHostLink(
  dir: string,
  first: HostFile,
  replace: Replace | undefined,
): SessionHost & { connect(withinMs: number): Promise<void> } {
  let file = first
  const sessions = new Map<number, HostedSessionControl>()
  /** Of hosts that were replaced. */
  const past: PtySession[] = []
  const waiting = new Map<number, Waiting>()
  let socket: Socket | undefined
  let nextRequest = 1
  let relink: NodeJS.Timeout | undefined
  let delayMs = RELINK_FIRST_MS
  let closed = false
  let welcomedBy = first

  function send(message: Exclude<ToHost, { type: 'unknown' }>): boolean {
    if (!socket || socket.destroyed) return false
    socket.write(frame(encodeToHost(message)))
    return true
  }

  /** `read` runs before the host's next message is looked at, which may build on the answer. */
  function ask<T>(request: HostRequest, read: (value: unknown) => T): Promise<T> {
    const id = nextRequest++
    if (!send({ type: 'request', id, request })) return Promise.reject(unreachable(dir))
    return new Promise((resolve, reject) =>
      waiting.set(id, { resolve: (value) => resolve(read(value)), reject }),
    )
  }

  function adopt(hosted: HostedSession): HostedSessionControl {
    const known = sessions.get(hosted.index)
    if (known) {
      known.resync(hosted)
      return known
    }
    const control = createHostedSession(hosted, { send, ask })
    sessions.set(hosted.index, control)
    return control
  }

  function receive(message: FromHost): void {
    switch (message.type) {
      case 'answer':
        waiting.get(message.id)?.resolve(message.value)
        waiting.delete(message.id)
        return
      case 'snapshot':
        waiting.get(message.id)?.resolve(message)
        waiting.delete(message.id)
        return
      case 'refusal':
        waiting
          .get(message.id)
          ?.reject(new PtySessionError(message.code as PtySessionErrorCode, message.text))
        waiting.delete(message.id)
        return
      case 'grew':
      case 'typed':
      case 'untyped':
      case 'resized':
      case 'state':
      case 'notice':
      case 'terminal':
        sessions.get(message.index)?.receive(message)
    }
  }

  /** One try. Resolves when welcomed; a failure after that is a lost link. */
  function connect(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let welcomed = false
      const mine = connectSocket(file.socket)
      socket = mine
      mine.setNoDelay(true)
      const timer = setTimeout(
        () => fail(unreachable(dir, `no welcome in ${withinMs} ms`)),
        withinMs,
      )

      function fail(error: Error): void {
        clearTimeout(timer)
        mine.destroy()
        reject(error)
      }

      const deframer = createDeframer((bytes) => {
        const message = decodeFromHost(bytes)
        if (message.type === 'failed')
          return fail(new PtySessionError('BAD_PROTOCOL', message.text))
        if (message.type !== 'welcome') return receive(message)
        clearTimeout(timer)
        welcomed = true
        delayMs = RELINK_FIRST_MS
        if (welcomedBy !== file) renumber(message.sessions)
        welcomedBy = file
        resynchronise(message.sessions)
        resolve()
      })
      mine.on('connect', () => send({ type: 'hello', ...HOST_PROTOCOL }))
      mine.on('data', (chunk) => {
        try {
          deframer.push(chunk)
        } catch (error) {
          fail(error instanceof Error ? error : unreachable(dir))
        }
      })
      mine.on('error', (cause) => fail(unreachable(dir, cause.message)))
      mine.on('close', () => {
        clearTimeout(timer)
        if (socket !== mine) return
        socket = undefined
        fail(unreachable(dir, 'it hung up'))
        if (welcomed && !closed) lost()
      })
    })
  }

  function resynchronise(hosted: readonly HostedSession[]): void {
    const present = new Set(hosted.map((each) => each.index))
    for (const each of hosted) adopt(each)
    // What ended while the link was down has left its exit record in its log.
    for (const [index, control] of sessions) if (!present.has(index)) control.ended()
  }

  /** Another host counts anew: its sessions are known by their epochs. */
  function renumber(hosted: readonly HostedSession[]): void {
    const before = [...sessions.values()]
    sessions.clear()
    for (const control of before) {
      const now = hosted.find(({ epoch }) => epoch === control.session.log.epoch)
      if (now) sessions.set(now.index, control)
      else past.push(control.session)
      if (!now) control.ended()
    }
  }

  function lost(): void {
    for (const { reject } of waiting.values()) reject(unreachable(dir, 'the link dropped'))
    waiting.clear()
    for (const control of sessions.values()) control.unlinked()
    tryAgain()
  }

  /** A host that is gone for certain has ended all it held, unless tmux holds it; anything less is tried again. */
  function tryAgain(): void {
    if (closed) return
    const isDead = processState(file.identity) === 'dead'
    const isOver = [...sessions.values()].every(({ session }) => isFinal(session.state))
    if (!isDead) later(() => connect(3_000))
    else if (replace && !isOver) later(takeOver(replace))
    else for (const control of sessions.values()) control.ended()
  }

  function later(attempt: () => Promise<void>): void {
    relink = setTimeout(() => void attempt().catch(tryAgain), delayMs)
    relink.unref()
    delayMs = Math.min(delayMs * 2, RELINK_LONGEST_MS)
  }

  function takeOver(replace: Replace): () => Promise<void> {
    return async () => {
      const replaced = await replace()
      if (closed) return
      if (replaced) {
        file = await findHost(dir, undefined)
        await connect(3_000)
      } else for (const control of sessions.values()) control.ended()
    }
  }

  return {
    dir,
    get identity() {
      return file.identity
    },
    connect,
    get sessions() {
      return [...past, ...[...sessions.values()].map((each) => each.session)]
    },
    create: (options) =>
      // The shape of an answer belongs to its question.
      ask({ op: 'create', options }, (value) => adopt(value as HostedSession).session),
    close() {
      closed = true
      clearTimeout(relink)
      const last = socket
      socket = undefined
      last?.destroy()
      for (const { reject } of waiting.values()) reject(unreachable(dir, 'it was let go'))
      waiting.clear()
    },
  }
}

function isFinal({ name }: SessionState): boolean {
  return name === 'exited' || name === 'lost'
}

function unreachable(dir: string, why = 'there is no link'): PtySessionError {
  return new PtySessionError('HOST_UNREACHABLE', `the host of ${dir} cannot be reached: ${why}`)
}
