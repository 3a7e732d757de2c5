import { type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { HttpProbe } from '../probe-spec.ts'
import { fail, type Looker, PASS, refusal, type Verdict } from './look.ts'
import { createNeedle } from './needle.ts'

/**
 * Success and redirects.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
 */
const HEALTHY = { min: 200, max: 399 }

/** Asks once, over a connection of its own: one that was kept says nothing about new ones. */
export function httpLooker(spec: HttpProbe): Looker {
  const { method = 'GET', headers = {}, status: range = HEALTHY, expect, socketPath } = spec
  const url = new URL(spec.url)
  const ask = url.protocol === 'https:' ? secureRequest : request
  const options: RequestOptions = {
    method,
    headers: { ...headers, connection: 'close' },
    agent: false,
    ...(socketPath === undefined ? {} : { socketPath }),
  }

  return {
    look: ({ signal, progress }) =>
      new Promise<Verdict>((resolve) => {
        const needle = createNeedle(expect ?? '')
        const asked = ask(url, options)
        let verdict: Verdict | undefined
        const end = (found: Verdict): void => {
          verdict ??= found
          asked.destroy()
        }
        const missing = (): string =>
          `${needle.seen} bytes of the body came without ${JSON.stringify(expect)}`

        progress(() => 'not connected')
        asked.once('socket', (socket) =>
          socket.once('connect', () => progress(() => 'connected, and no answer came')),
        )
        asked.once('response', (answer) => {
          const { statusCode = 0 } = answer
          if (statusCode < range.min || statusCode > range.max)
            return end(fail(`status ${statusCode}, expected ${range.min} to ${range.max}`))
          if (expect === undefined) return end(PASS)
          progress(missing)
          answer.on('data', (chunk) => {
            const got = needle.take(chunk)
            if (got === 'found') end(PASS)
            else if (got === 'full') end(fail(missing()))
          })
          answer.once('end', () => end(fail(missing())))
          answer.on('error', (error) => end(refusal(error)))
        })
        asked.on('error', (error) => end(refusal(error)))
        asked.once('close', () => resolve(verdict ?? fail('it hung up without an answer')))
        signal.addEventListener('abort', () => asked.destroy(), { once: true })
        asked.end()
      }),
  }
}
