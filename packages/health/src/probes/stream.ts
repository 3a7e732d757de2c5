import { connect, type NetConnectOpts } from 'node:net'
import type { TcpProbe, UnixProbe } from '../probe-spec.ts'
import { fail, type Looker, PASS, refusal, type Verdict } from './look.ts'
import { createNeedle } from './needle.ts'

/** Connects, and where there is something to say or to hear, waits for the answer. */
export function streamLooker(spec: TcpProbe | UnixProbe): Looker {
  const { send, expect } = spec
  const to: NetConnectOpts =
    spec.kind === 'unix' ? { path: spec.path } : { host: spec.host ?? '127.0.0.1', port: spec.port }

  return {
    look: ({ signal, progress }) =>
      new Promise<Verdict>((resolve) => {
        const needle = createNeedle(expect ?? '')
        const socket = connect(to)
        let verdict: Verdict | undefined
        const end = (found: Verdict): void => {
          verdict ??= found
          // Not a reset: a server that does not listen for errors would fall over our look.
          socket.destroy()
        }
        const missing = (): string =>
          expect === undefined
            ? 'connected, and no answer came'
            : `${needle.seen} bytes came without ${JSON.stringify(expect)}`

        progress(() => 'not connected')
        socket.once('connect', () => {
          if (send === undefined && expect === undefined) return end(PASS)
          progress(missing)
          if (send !== undefined) socket.write(send)
        })
        socket.on('data', (chunk) => {
          // `data` is bytes, as no encoding was set.
          const got = needle.take(chunk as Buffer)
          if (got === 'found') end(PASS)
          else if (got === 'full') end(fail(missing()))
        })
        socket.on('error', (error) => end(refusal(error)))
        socket.once('close', () => resolve(verdict ?? fail(`it hung up: ${missing()}`)))
        signal.addEventListener('abort', () => socket.destroy(), { once: true })
      }),
  }
}
