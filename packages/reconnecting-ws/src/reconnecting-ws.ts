import { drive, sleepAwareClock, systemClock } from '@conductor/machine'
import { isFinalCode } from './final-codes.ts'
import { type SocketEffect, type SocketInput, type SocketState, transition } from './machine.ts'
import type { ReconnectingWsOptions, SocketConstructor, SocketLike } from './options.ts'
import { isHidden, type Page, watchPage } from './page.ts'
import { ReconnectingWsError } from './reconnecting-ws-error.ts'
import { seedSchedule } from './schedules.ts'
import { createSendQueue, type SocketData } from './send-queue.ts'
import type { ReconnectingWs, ReconnectingWsEvents } from './types.ts'

/** The numbers of `readyState`, which a `WebSocket` and its constructor both carry. */
export const READY_STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const

type Over = Extract<SocketState, { name: 'stopped' | 'closed' }>
type Answers = [string | URL, string | string[] | undefined, Record<string, string>]
type Closed = { readonly code: number; readonly reason: string }

/** What each state looks like from outside. */
const READY_STATE: Record<SocketState['name'], 0 | 1 | 3> = {
  idle: 0,
  connecting: 0,
  open: 1,
  waiting: 0,
  stopped: 3,
  closed: 3,
}

/** What a connection looks like before there is one. */
const NO_SOCKET = {
  bufferedAmount: 0,
  protocol: '',
  readyState: 0,
  url: '',
  send() {},
  close() {},
  // Its handlers are never called, so there is no need for places to put them.
} as unknown as SocketLike

/**
 * Makes a `WebSocket` that comes back: after a drop, a server restart, a laptop's sleep, a phone's pause.
 *
 * It retries by a schedule, never has two connections, finds out about dead ones by asking, and ends
 * only when the peer says so with a final close code, the schedule is exhausted, or `close()` is called.
 *
 * @throws ReconnectingWsError `BAD_OPTION`, or `NO_WEBSOCKET` where the platform has none.
 */
export function createReconnectingWs(options: ReconnectingWsOptions): ReconnectingWs {
  const {
    url,
    protocols,
    headers = {},
    WebSocket = (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
    autoConnect = true,
    schedule = seedSchedule,
    isFinal = isFinalCode,
    connectWithinMs = 5_000,
    resumeConnectWithinMs = 8_000,
    minUptimeMs = 5_000,
    hiddenGraceMs = 60_000,
    ping,
    maxQueuedBytes = 256 * 1024,
    page = globalThis as Page,
  } = options
  const { everyMs = Infinity, silenceMs = Infinity, make, isPong } = ping ?? {}
  const numbers = {
    connectWithinMs,
    resumeConnectWithinMs,
    minUptimeMs,
    hiddenGraceMs,
    everyMs,
    silenceMs,
    maxQueuedBytes,
  }
  for (const [name, value] of Object.entries(numbers))
    if (!(value >= (name === 'silenceMs' ? everyMs + 1 : 0)))
      throw new ReconnectingWsError('BAD_OPTION', `${name} is ${value}`)
  if (!WebSocket) throw new ReconnectingWsError('NO_WEBSOCKET', 'WebSocket is undefined')
  const Socket = WebSocket

  const clock = sleepAwareClock(options.clock ?? systemClock)
  const queue = createSendQueue(maxQueuedBytes)
  const over = new AbortController()
  /** The connection, or what stands for the try that will make it. Nothing of an older one is heard. */
  let socket: SocketLike = { ...NO_SOCKET }
  let binaryType = 'blob'
  let heardMs = 0

  const driver = drive<SocketState, SocketInput, SocketEffect>({
    initial: { name: 'idle' },
    transition: (state, input, nowMs) =>
      transition(state, input, {
        ...numbers,
        ...ping,
        schedule,
        isFinal,
        nowMs,
        dateMs: clock.date(),
        heardMs,
        hidden: isHidden(page),
        offline: page.navigator?.onLine === false,
      }),
    timeout: { type: 'timeout' },
    perform: (effect) => perform[effect](),
    onChange,
    clock,
  })

  const perform: Record<SocketEffect, () => void> = {
    dial,
    hangUp,
    ping: () => make && socket.send(make() as never),
  }

  async function dial(): Promise<void> {
    hangUp()
    const mine = socket
    try {
      const asked = [url, protocols, headers].map((value) =>
        typeof value === 'function' ? value() : value,
      )
      // Each in its place: what was a tuple is a tuple still.
      const [address, names, fields] = (await Promise.all(asked)) as Answers
      if (mine !== socket) return
      socket = new Socket(address, names, { headers: fields })
      socket.binaryType = binaryType
      socket.onopen = () => driver.send({ type: 'opened' })
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        heardMs = clock.now()
        if (!isPong?.(data)) emit('message', { data })
      }
      socket.onclose = (event: Closed) => lost(event.code, event.reason)
      // Says no more than `close` will, but `ws` throws an error that nobody listens to.
      socket.onerror = () => {}
    } catch (error) {
      if (mine === socket) lost(1006, String(error), error)
    }
  }

  function lost(code: number, text: string, error?: unknown): void {
    driver.send({ type: 'lost', loss: { code, text, error } })
  }

  function hangUp(): void {
    // Not heard any more before it is closed: a closing handshake can take minutes.
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    socket = { ...NO_SOCKET }
  }

  function onChange(next: SocketState, previous: SocketState): void {
    if (next.name === previous.name) return
    emit('statechange', { detail: next })
    if (next.name === 'open') {
      emit('open')
      for (const data of queue.takeAll()) socket.send(data as never)
    }
    if (READY_STATE[next.name] < 3 || previous.name === 'stopped') return
    const { code, text: reason, error } = next as Over
    const wasClean = code !== 1006
    // Later, as with `WebSocket`: who calls `close()` may be about to take the handlers off.
    queueMicrotask(() => {
      if (!wasClean) emit('error', { error })
      emit('close', { code, reason, wasClean })
    })
  }

  function emit(type: keyof ReconnectingWsEvents, fields?: object): void {
    ws.dispatchEvent(Object.assign(new Event(type), fields))
  }

  // `Object.assign` would read the getters once; their descriptors stay getters.
  const members = Object.getOwnPropertyDescriptors({
    ...READY_STATES,
    get state() {
      return driver.state
    },
    get nextRetryAt() {
      return driver.state.name === 'waiting' ? driver.state.retryAtMs : undefined
    },
    get readyState() {
      return READY_STATE[driver.state.name]
    },
    get bufferedAmount() {
      return queue.bytes + socket.bufferedAmount
    },
    get binaryType() {
      return binaryType
    },
    set binaryType(type) {
      binaryType = socket.binaryType = type
    },
    get protocol() {
      return socket.protocol
    },
    get url() {
      return socket.url
    },
    send(data: SocketData) {
      if (ws.readyState === 3) return false
      if (ws.readyState === 0 || socket.readyState !== 1) return queue.add(data)
      socket.send(data as never)
      return true
    },
    close(code?: number, text = '') {
      socket.close(code, text)
      over.abort()
      driver.send({ type: 'close', loss: { code: code ?? 1005, text } })
    },
    reconnect: () => driver.send({ type: 'connect' }),
    confirm: () => driver.send({ type: 'confirm' }),
  })
  // The members of the interface that an EventTarget does not have are just being defined.
  const ws = Object.defineProperties(new EventTarget(), members) as ReconnectingWs
  for (const type of ['open', 'message', 'close', 'error', 'statechange'] as const) {
    ws[`on${type}`] = null
    ws.addEventListener(type, (event) => ws[`on${type}`]?.(event as never))
  }

  watchPage(page, () => driver.send({ type: 'back' }), over.signal)
  if (autoConnect) ws.reconnect()
  return ws
}
