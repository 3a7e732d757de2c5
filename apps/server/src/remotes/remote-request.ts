import { type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { pipeline, type Readable } from 'node:stream'

/** Nothing answers for this long: nobody is there, in milliseconds. */
export const CONNECT_MS = 5_000

/** A request that was taken is answered within this, in milliseconds: some wait for a process to be ready. */
const ANSWER_MS = 120_000

export interface RemoteRequest {
  readonly url: URL
  readonly method: string
  readonly headers?: OutgoingHttpHeaders | undefined
  /** Text, or a stream that waits while the other end does not read. */
  readonly body?: string | Readable | undefined
  /** Default: {@link ANSWER_MS}. */
  readonly answerMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks another server. Resolves with the head of its answer, whatever the status; redirects are answers too.
 *
 * Every request has a connection of its own: one that was kept may be closed in the very moment in which
 * something is sent, and then nobody could tell whether it was done.
 *
 * @throws What `whyUnreachable` can say in words.
 */
export function askRemote(options: RemoteRequest): Promise<IncomingMessage> {
  const { url, method, headers = {}, body, answerMs = ANSWER_MS, signal } = options
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest
    const asking = send(url, { method, headers, agent: false, ...(signal && { signal }) })
    const giveUp = (afterMs: number): NodeJS.Timeout =>
      setTimeout(() => asking.destroy(new RemoteTimeout(afterMs)), afterMs)
    let timer = giveUp(CONNECT_MS)
    asking.once('socket', (socket) => {
      // Over TLS it is there when both have agreed, which is after `connect`.
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () =>
        clearTimeout(timer),
      )
    })
    asking.once('finish', () => {
      clearTimeout(timer)
      timer = giveUp(CONNECT_MS + answerMs)
    })
    asking.once('response', (answer) => {
      clearTimeout(timer)
      // A connection that breaks later is told by the stream.
      asking.on('error', () => {})
      resolve(answer)
    })
    asking.once('close', () => clearTimeout(timer))
    asking.once('error', reject)
    if (body === undefined || typeof body === 'string') asking.end(body)
    else pipeline(body, asking, () => {})
  })
}

/** Reads a small answer to its end. */
export async function readJson(answer: IncomingMessage, mostBytes = 65_536): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer) {
      size += (chunk as Buffer).length
      if (size > mostBytes) return undefined
      chunks.push(chunk as Buffer)
    }
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  } finally {
    answer.destroy()
  }
}

class RemoteTimeout extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(afterMs: number) {
    super(`no answer within ${afterMs / 1_000} s`)
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ENOTFOUND: 'no machine has this name',
  EAI_AGAIN: 'its name cannot be looked up now',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'nobody vouches for its certificate, which it has signed itself: start this server with NODE_EXTRA_CA_CERTS naming it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'this machine does not know who has signed its certificate: start this server with NODE_EXTRA_CA_CERTS naming that authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'this machine does not know who has signed its certificate: start this server with NODE_EXTRA_CA_CERTS naming that authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'this machine does not know who has signed its certificate: start this server with NODE_EXTRA_CA_CERTS naming that authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS: try http://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: try http://',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP: try https://',
}

/** Why a server cannot be reached, in words. */
export function whyUnreachable(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; depth++) {
    const code = 'code' in at ? String(at.code) : ''
    const words = WORDS[code]
    if (words) return words
    if (code === 'ETIMEDOUT') return at instanceof RemoteTimeout ? at.message : 'it does not answer'
    if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0]
    else if (at.cause === undefined) break
    else at = at.cause
  }
  return error instanceof Error && error.message ? error.message : 'it does not answer'
}
