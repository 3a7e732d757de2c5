import type { RemoteStatus } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'
import { CloseCode, MAX_FRAME_BYTES, SUBPROTOCOL } from '@conductor/protocol'
import { WebSocket } from 'ws'
import { createKeepAlive } from '../ws/keep-alive.ts'
import { type Traffic, wrapSocket } from '../ws/message-socket.ts'
import { pump } from './pump.ts'
import { CONNECT_MS, whyUnreachable } from './remote-request.ts'

export interface TunnelOptions {
  /** Of the page, open. */
  readonly page: WebSocket
  readonly url: URL
  readonly token: string
  readonly silenceMs: number
  readonly clock: Clock
  readonly traffic: Traffic
  /** What the attempt, or its end, says of that server. */
  readonly onStatus: (status: RemoteStatus, error?: string) => void
}

export interface Tunnel {
  /** Ends both sides. */
  leave(code: number, reason: string): void
}

/**
 * A WebSocket to a session of another server. It knows nothing of what is said: frames go through as they are,
 * in order, and who is slow is waited for. Resuming is between the page and that server, by offset.
 */
export function openTunnel(options: TunnelOptions): Tunnel {
  const { page, url, token, silenceMs, clock, traffic, onStatus } = options
  const toPage = wrapSocket(page, traffic)
  const remote = new WebSocket(url, page.protocol === SUBPROTOCOL ? [SUBPROTOCOL] : [], {
    headers: { 'X-Session-Token': token },
    followRedirects: false,
    handshakeTimeout: CONNECT_MS,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  })
  const toRemote = wrapSocket(remote, { sent: () => {}, received: () => {} })
  const early: { readonly data: Buffer; readonly isBinary: boolean }[] = []
  const stops: (() => void)[] = []
  let opened = false
  let over = false

  function finish(): void {
    over = true
    for (const stop of stops.splice(0)) stop()
  }

  /** Says goodbye to the page, in a way that tells it what to do next. */
  function endPage(code: number, reason: string): void {
    if (over) return
    finish()
    toPage.close(code, reason)
  }

  function endRemote(code: number, reason: string): void {
    if (remote.readyState === WebSocket.CONNECTING) remote.terminate()
    else toRemote.close(code, reason)
  }

  /** Each side has to give signs of life to us, as pings do not go through. */
  function watch(socket: WebSocket, onSilent: () => void): (paused: boolean) => void {
    const alive = createKeepAlive({
      clock,
      silenceMs,
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping()
      },
      onSilent,
    })
    for (const sign of ['message', 'ping', 'pong']) socket.on(sign, alive.heard)
    stops.push(alive.stop)
    return (paused) => (paused ? alive.pause() : alive.resume())
  }

  function connect(): void {
    const pagePaused = watch(page, () => {
      finish()
      page.terminate()
      endRemote(CloseCode.goingAway, 'the viewer has gone')
    })
    const remotePaused = watch(remote, () => {
      onStatus('unreachable', 'it has fallen silent')
      endPage(CloseCode.goingAway, 'the other server has fallen silent')
      remote.terminate()
    })
    page.off('message', keepEarly)
    // What the parser already had when the page was paused.
    for (const { data, isBinary } of early.splice(0)) remote.send(data, { binary: isBinary })
    pump({ from: page, to: remote, onPause: pagePaused })
    pump({ from: remote, to: page, onPause: remotePaused })
    remote.on('message', (data) => traffic.sent((data as Buffer).length))
    page.on('message', (data) => traffic.received((data as Buffer).length))
    page.resume()
  }

  const keepEarly = (data: unknown, isBinary: boolean): void => {
    // `binaryType` is "nodebuffer", so one Buffer is all that comes.
    early.push({ data: data as Buffer, isBinary })
  }
  // Until somebody is there to hear it, the page waits with what it has to say.
  page.on('message', keepEarly)
  page.pause()
  page.on('error', () => {})
  page.on('close', (code, reason) => {
    if (over) return
    finish()
    endRemote(sendable(code), reason.toString())
  })

  remote.on('open', () => {
    opened = true
    onStatus('ok')
    if (!over) connect()
  })
  remote.on('error', (error) => {
    if (opened || over) return
    // Of an answer that is no WebSocket there is only the text of the error.
    if (/subprotocol|Unexpected server response/i.test(error.message)) {
      const text = `it opens no WebSocket as Conductor does (${error.message})`
      onStatus('wrong-version', text)
    } else onStatus('unreachable', whyUnreachable(error))
    endPage(CloseCode.goingAway, 'the other server cannot be reached')
  })
  remote.on('close', (code, reason) => {
    if (code === CloseCode.unauthorized) {
      // The page is logged in, here: for it this is no reason to go to the login.
      onStatus('login-needed')
      endPage(CloseCode.goingAway, 'the other server wants its password again')
      return
    }
    const isWord = sendable(code) === code
    endPage(
      isWord ? code : CloseCode.goingAway,
      isWord ? reason.toString() : 'the other server has gone',
    )
  })

  return {
    leave(code, reason) {
      if (over) return
      endPage(code, reason)
      endRemote(CloseCode.goingAway, 'the gateway ends this')
    },
  }
}

/** Codes such as 1006 say what happened, and may not be sent. */
function sendable(code: number): number {
  const isStandard = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  return isStandard || (code >= 3000 && code <= 4999) ? code : 1000
}
