import { until } from '@conductor/testing'
import type { PtySession, SessionExit } from '../types.ts'

/** Everything that the session's log holds right now, as text; a gap fails the test. */
export function textOf(session: PtySession): string {
  return bytesOf(session).toString('latin1')
}

export function bytesOf(session: PtySession, from = 0): Buffer {
  const parts: Buffer[] = []
  for (let offset = from; ; ) {
    const read = session.log.read(offset)
    if (read.kind === 'end') return Buffer.concat(parts)
    if (read.kind === 'gap') throw new Error(`a gap from ${read.from} to ${read.to}`)
    parts.push(read.buffer.subarray(read.start, read.end))
    offset += read.end - read.start
  }
}

/** Waits until the log holds `text`. */
export function untilSaid(session: PtySession, text: string): Promise<unknown> {
  return until(() => textOf(session).includes(text), {
    what: `the session says ${JSON.stringify(text)}`,
    timeoutMs: 15_000,
  })
}

export async function untilExited(session: PtySession): Promise<SessionExit> {
  await until(() => session.state.name === 'exited', {
    what: 'the session exits',
    timeoutMs: 15_000,
  }).catch((cause) => {
    throw new Error(`it is ${JSON.stringify(session.state)}`, { cause })
  })
  if (session.state.name !== 'exited') throw new Error('it came back to life')
  return session.state.exit
}

/** Types lines under the numbers of one client. */
export function typist(session: PtySession, clientId = 'test', last = 0) {
  let seq = last
  return (text: string | Uint8Array): Promise<void> =>
    session.input({
      clientId,
      seq: ++seq,
      bytes: typeof text === 'string' ? Buffer.from(text) : text,
    })
}
