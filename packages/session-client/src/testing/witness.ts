import type { Session, SessionOutput, SessionSnapshot } from '../types.ts'
import { byteAt, type ModelHost } from './model-host.ts'
import { snapshotOf } from './model-server.ts'

/** A viewer of a model host, who looks at every byte. */
export interface Witness {
  /** The offset behind what it has seen. */
  readonly next: number
  /** What the exit said about itself; `undefined` before there was one. */
  readonly complete: boolean | undefined
  /** Call them: the bytes were shown. */
  readonly undone: (() => void)[]
  output(output: SessionOutput): void
  snapshot(snapshot: SessionSnapshot): void
  follow(session: Session): void
}

/** Fails the test at the first byte that is wrong, missing without a gap, repeated or out of place. */
export function createWitness(currentHost: () => ModelHost): Witness {
  const undone: (() => void)[] = []
  let next = 0
  let epoch = ''
  let complete: boolean | undefined

  function must(right: boolean, what: string): void {
    if (!right) throw new Error(`${what}, with ${next} bytes of ${epoch} seen`)
  }

  return {
    get next() {
      return next
    },
    get complete() {
      return complete
    },
    undone,
    output({ bytes, offset, done }) {
      must(offset === next, `output at ${offset}`)
      for (let i = 0; i < bytes.length; i++)
        if (bytes[i] !== byteAt(epoch, offset + i)) must(false, `a wrong byte at ${offset + i}`)
      next += bytes.length
      undone.push(done)
    },
    snapshot({ bytes, offset, done }) {
      must(offset > next, `a snapshot of ${offset}`)
      must(String(bytes) === String(snapshotOf(epoch, offset)), `another screen than ${offset}`)
      next = offset
      undone.push(done)
    },
    follow(session) {
      let another = false
      session.subscribe((event) => {
        if (event.type === 'attached') {
          another = epoch !== '' && epoch !== event.epoch
          epoch = event.epoch
        } else must(another === (event.type === 'reset'), `${event.type} out of place`)
        if (event.type === 'reset') {
          another = false
          next = 0
        }
        if (event.type === 'gap') {
          must(event.from === next && event.to > next, `a gap from ${event.from} to ${event.to}`)
          must(event.to <= currentHost().start, `a gap over bytes that are there`)
          next = event.to
        }
        if (event.type === 'exit') complete = event.complete
      })
    },
  }
}
