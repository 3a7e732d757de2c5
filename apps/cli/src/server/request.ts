import { request as httpRequest, type IncomingMessage } from 'node:http'
import { CliError } from '../cli-error.ts'

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One request on a connection of its own. There is no time limit: a daemon may take long to be ready,
 * and `fetch` gives up after five minutes.
 *
 * @throws CliError `UNREACHABLE`.
 */
export function request(url: string, ask: Ask = {}): Promise<IncomingMessage> {
  const { method = 'GET', body, headers = {}, signal } = ask
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, {
      method,
      agent: false,
      headers: {
        ...headers,
        ...(text !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': String(Buffer.byteLength(text)),
        }),
      },
      ...(signal && { signal }),
    })
    sent.on('response', resolve)
    sent.on('error', (cause) =>
      reject(new CliError('UNREACHABLE', `no answer from ${url}: ${cause.message}`, { cause })),
    )
    sent.end(text)
  })
}

/** The whole body. */
export async function readText(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of response) pieces.push(piece as Buffer) // no encoding was set
  } catch (cause) {
    throw new CliError('UNREACHABLE', 'the server broke off in the middle of its answer', { cause })
  }
  return Buffer.concat(pieces).toString('utf8')
}
