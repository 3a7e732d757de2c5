import { type FakeClock, type FakeWebSockets, fakeClock, fakeWebSockets } from '@conductor/testing'
import {
  createReconnectingWs,
  type Page,
  type ReconnectingWs,
  type ReconnectingWsOptions,
  type SocketState,
} from '../index.ts'

/** A browser's page that the test hides, shows, freezes and unplugs. */
export interface FakePage extends Page {
  readonly target: EventTarget
  readonly document: { visibilityState: string }
  readonly navigator: { onLine: boolean }
  hide(): void
  show(): void
  unplug(): void
  plugIn(): void
  fire(type: string, fields?: object): void
}

export function fakePage(): FakePage {
  const target = new EventTarget()
  const document = { visibilityState: 'visible' }
  const navigator = { onLine: true }
  const fire = (type: string, fields: object = {}): void =>
    void target.dispatchEvent(Object.assign(new Event(type), fields))
  return {
    target,
    document,
    navigator,
    addEventListener: (type, listener, options) => target.addEventListener(type, listener, options),
    fire,
    hide() {
      document.visibilityState = 'hidden'
      fire('visibilitychange')
    },
    show() {
      document.visibilityState = 'visible'
      fire('visibilitychange')
    },
    unplug() {
      navigator.onLine = false
      fire('offline')
    },
    plugIn() {
      navigator.onLine = true
      fire('online')
    },
  }
}

export interface Setup extends FakeWebSockets {
  readonly ws: ReconnectingWs
  readonly clock: FakeClock
  readonly page: FakePage
  /** The names of the states it went through. */
  readonly path: string[]
  /** How long each wait was meant to be, in milliseconds. */
  readonly waits: number[]
  /** Every event but `statechange`, in words. */
  readonly heard: string[]
  /** Lets the promises of a try settle. */
  settle(): Promise<void>
  /** Lets time pass, with everything that happens meanwhile. */
  pass(forMs: number): Promise<void>
  /** The newest socket opens. */
  opens(): Promise<void>
  /** The present state, which must have this name. */
  state<Name extends SocketState['name']>(name: Name): Extract<SocketState, { name: Name }>
}

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A socket with everything faked, after its first try has begun. */
export async function setup(options: Partial<ReconnectingWsOptions> = {}): Promise<Setup> {
  const clock = fakeClock()
  const page = fakePage()
  const fakes = fakeWebSockets()
  const path: string[] = []
  const waits: number[] = []
  const heard: string[] = []
  const ws = createReconnectingWs({
    url: 'ws://host/',
    WebSocket: fakes.WebSocket,
    clock,
    page,
    ...options,
  })
  ws.addEventListener('statechange', ({ detail }) => {
    path.push(detail.name)
    if (detail.name === 'waiting') waits.push((detail.retryAtMs ?? Number.NaN) - clock.date())
  })
  ws.addEventListener('open', () => heard.push('open'))
  ws.addEventListener('message', ({ data }) => heard.push(`message ${data}`))
  ws.addEventListener('error', () => heard.push('error'))
  ws.addEventListener('close', ({ code, reason, wasClean }) =>
    heard.push(`close ${code} ${reason}${wasClean ? '' : '(not clean)'}`),
  )
  await settle()

  return {
    ws,
    clock,
    page,
    path,
    waits,
    heard,
    ...fakes,
    settle,
    async pass(forMs) {
      // In steps, because what a timer begins goes on in promises.
      for (let leftMs = forMs; leftMs > 0; leftMs -= 50) {
        clock.advance(Math.min(leftMs, 50))
        await settle()
      }
    },
    async opens() {
      fakes.last().opens()
      await settle()
    },
    state(name) {
      if (ws.state.name !== name) throw new Error(`expected ${name}, is ${ws.state.name}`)
      // The name was checked in the line above.
      return ws.state as Extract<SocketState, { name: typeof name }>
    },
  }
}
