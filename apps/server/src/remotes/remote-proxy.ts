import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { type AppContext, addressOf } from '../http/app-env.ts'
import { ServerError } from '../server-error.ts'
import type { Connections } from '../ws/connections.ts'
import { askRemote, whyUnreachable } from './remote-request.ts'
import { remoteApiUrl } from './remote-url.ts'
import type { Remotes } from './remotes.ts'

/** What another server is told of a request. Cookies, tokens and origins are ours, and stay here. */
const ASKED = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'last-event-id',
  'range',
  'x-conductor-actor',
] as const

/** What is believed of its answer. It sets no cookies here, and no policy. */
const ANSWERED = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'etag',
  'last-modified',
  'retry-after',
  'x-accel-buffering',
] as const

/** Anything else is just bytes: on our own origin a page of another server could do whatever ours can. */
const HARMLESS_TYPE =
  /^(?:application\/(?:json|x-ndjson|ndjson|jsonl|x-asciicast|octet-stream)|text\/(?:plain|event-stream))\s*(?:;|$)/i

/** A stream of events gives a sign of life every 10 s: without one for this long it is dead, in milliseconds. */
const EVENTS_SILENCE_MS = 30_000

/** Any other answer that stands still for longer is given up, in milliseconds. */
const SILENCE_MS = 120_000

export interface RemoteProxyOptions {
  readonly remotes: Remotes
  readonly connections: Connections
}

/**
 * Passes a request on to another server, and its answer back, both as they come: nothing is kept on the way,
 * and whoever reads slowly is waited for.
 *
 * @param rest What is asked for below its `api/`, still encoded, with the query.
 */
export async function passOn(
  c: AppContext,
  id: string,
  rest: string,
  { remotes, connections }: RemoteProxyOptions,
): Promise<Response> {
  const remote = remotes.find(id)
  if (!remote) throw new ServerError('REMOTE_NOT_FOUND', `there is no server ${id} here`)
  const url = remoteApiUrl(new URL(remote.url), rest)
  if (!url)
    return c.json({ error: 'that is not passed on to other servers', code: 'NOT_PASSED_ON' }, 404)
  if (connections.full) return c.json({ error: 'too many connections', code: 'TOO_MANY' }, 429)
  // A stream that an `EventSource` has lost is asked for again for ever, and each refusal is an error on its
  // console; 204 is how the standard says: not now.
  const isEvents = /^events(?:\?|$)/.test(rest)
  const gone = (error: ServerError): Response => {
    if (!isEvents) throw error
    return c.body(null, 204)
  }
  const { token } = remote
  if (token === undefined || remote.status === 'login-needed') return gone(loginNeeded(remote.name))
  // Its own limits count, and how long it takes. A stream of events says something often enough.
  c.env.incoming.socket.setTimeout(0)

  const stop = new AbortController()
  const ends = [
    connections.add({ loginId: c.get('login').id, end: () => stop.abort() }),
    remotes.track(id, () => stop.abort()),
  ]
  const over = (): void => {
    for (const end of ends) end()
  }
  // Whoever has gone waits for no answer.
  c.req.raw.signal?.addEventListener('abort', () => stop.abort(), { once: true })

  let answer: IncomingMessage
  try {
    const { body } = c.req.raw
    answer = await askRemote({
      url,
      method: c.req.method,
      headers: { ...headersFor(c), 'X-Session-Token': token },
      // Node's own type for the same thing.
      body: body ? Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]) : undefined,
      signal: stop.signal,
    })
  } catch (error) {
    over()
    if (stop.signal.aborted) return c.body(null, 204)
    const why = whyUnreachable(error)
    remotes.tell(id, 'unreachable', why)
    return gone(
      new ServerError('REMOTE_UNREACHABLE', `${remote.name} cannot be reached: ${why}`, {
        cause: error,
      }),
    )
  }
  answer.once('close', over)
  answer.setTimeout(isEvents ? EVENTS_SILENCE_MS : SILENCE_MS, () => answer.destroy())
  const status = answer.statusCode ?? 0
  if (status === 401) {
    answer.destroy()
    remotes.tell(id, 'login-needed')
    return gone(loginNeeded(remote.name))
  }
  if (status >= 300 && status < 400 && status !== 304) {
    answer.destroy()
    const error = 'it answers with another address'
    remotes.tell(id, 'wrong-version', error)
    return gone(new ServerError('REMOTE_WRONG_VERSION', `${remote.name}: ${error}`))
  }
  if (isEvents && status === 200) remotes.tell(id, 'ok')
  // A stream of events has no end of its own: whoever listens comes back. Anything else is cut off with it.
  return answerOf(c, answer, status, () => !isEvents && c.env.outgoing?.destroy())
}

function loginNeeded(name: string): ServerError {
  return new ServerError('REMOTE_LOGIN_NEEDED', `${name} wants its password: log in to it again`)
}

function headersFor(c: AppContext): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const name of ASKED) {
    const value = c.req.header(name)
    if (value !== undefined) headers[name] = value
  }
  // It must not take us for somebody at its own keyboard, even if it runs on this machine.
  headers['x-forwarded-for'] = addressOf(c)
  return headers
}

function answerOf(
  c: AppContext,
  answer: IncomingMessage,
  status: number,
  cut: () => void,
): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    const isOurs = name.startsWith('x-conductor-') || ANSWERED.some((each) => each === name)
    if (isOurs && typeof value === 'string') headers.set(name, value)
  }
  const type = answer.headers['content-type'] ?? ''
  headers.set('Content-Type', HARMLESS_TYPE.test(type) ? type : 'application/octet-stream')
  // Should a browser be led to open it as a page all the same, that page can do nothing.
  headers.set('Content-Security-Policy', "sandbox; default-src 'none'; frame-ancestors 'none'")
  const hasBody = c.req.method !== 'HEAD' && ![204, 205, 304].includes(status)
  if (!hasBody) answer.destroy()
  return new Response(hasBody ? bodyOf(answer, cut) : null, {
    status,
    headers,
  })
}

/**
 * Reads only what is asked for, so that a reader who stands still stops the other server too.
 *
 * @param cut Breaks the connection off, so that half an answer is never taken for a whole one.
 */
function bodyOf(answer: IncomingMessage, cut: () => void): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = answer[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          cut()
          controller.close()
        }
      },
      cancel: () => void answer.destroy(),
    },
    { highWaterMark: 0 },
  )
}
