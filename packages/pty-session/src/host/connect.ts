import { connect as connectSocket, type Socket } from 'node:net'
import { type ProcessIdentity, processState } from '@conductor/process-identity'
import { PtySessionError, type PtySessionErrorCode } from '../pty-session-error.ts'
import type { PtySession, SessionOptions } from '../types.ts'
import { createDeframer, frame } from './framing.ts'
import { type HostFile, readHostFile } from './host-file.ts'
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
}

/** A link to a host. While the host lives it is made again whenever it drops. */
export interface SessionHost {
  readonly dir: string
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
  const { dir, withinMs = 3_000 } = options
  const file = readHostFile(dir)
  if (!file) throw new PtySessionError('HOST_DEAD', `no host ever listened in ${dir}`)
  if (processState(file.identity) === 'dead')
    throw new PtySessionError('HOST_DEAD', `the host of ${dir}, pid ${file.identity.pid}, is gone`)
  const host = createHostLink(dir, file)
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
  file: HostFile,
): SessionHost & { connect(withinMs: number): Promise<void> } {
  const sessions = new Map<number, HostedSessionControl>()
  const waiting = new Map<number, Waiting>()
  let socket: Socket | undefined
  let nextRequest = 1
  let relink: NodeJS.Timeout | undefined
  let delayMs = RELINK_FIRST_MS
  let closed = false

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

  function lost(): void {
    for (const { reject } of waiting.values()) reject(unreachable(dir, 'the link dropped'))
    waiting.clear()
    for (const control of sessions.values()) control.unlinked()
    tryAgain()
  }

  /** A host that is gone for certain has ended all it held; anything less is tried again. */
  function tryAgain(): void {
    if (closed) return
    if (processState(file.identity) === 'dead') {
      for (const control of sessions.values()) control.ended()
      return
    }
    relink = setTimeout(() => void connect(3_000).catch(tryAgain), delayMs)
    relink.unref()
    delayMs = Math.min(delayMs * 2, RELINK_LONGEST_MS)
  }

  return {
    dir,
    identity: file.identity,
    connect,
    get sessions() {
      return [...sessions.values()].map((each) => each.session)
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

function unreachable(dir: string, why = 'there is no link'): PtySessionError {
  return new PtySessionError('HOST_UNREACHABLE', `the host of ${dir} cannot be reached: ${why}`)
}
