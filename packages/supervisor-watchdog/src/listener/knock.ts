import { connect } from 'node:net'
import { encodeProbe } from '../first-line.ts'
import { codeOf } from '../supervisor-watchdog-error.ts'

/** Only these prove that nobody listens. A time-out, EACCES, EAGAIN or EMFILE proves nothing. */
const PROOFS_OF_DEATH: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'])

/** How long a connect may take before it counts as "cannot tell", in milliseconds. */
const PATIENCE_MS = 2_000

/** Whether somebody listens. Everything short of proof is `unknown`. */
export type Knocked = 'alive' | 'dead' | 'unknown'

/**
 * Connects, says by `token` that it is no client, and hangs up.
 *
 * Who listens counts it as a client until it has read the token. Without one, a second daemon that
 * looks whether the first still lives would arm it, and so end it.
 *
 * @param stay Waits until the other side hangs up (default: `false`).
 */
export function knock(path: string, token: string, stay = false): Promise<Knocked> {
  return new Promise((resolve) => {
    let found: Knocked = 'unknown'
    const socket = connect(path)
    socket.setTimeout(PATIENCE_MS, () => socket.destroy())
    socket.on('connect', () => {
      found = 'alive'
      // What was written arrives, also when we are gone by then.
      socket.end(encodeProbe(token), () => (stay ? socket.resume() : socket.destroy()))
    })
    socket.on('error', (error) => {
      if (found === 'unknown' && PROOFS_OF_DEATH.has(codeOf(error))) found = 'dead'
    })
    socket.on('close', () => resolve(found))
  })
}
