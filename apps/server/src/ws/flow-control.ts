import type { MessageSocket } from './message-socket.ts'

/** Above this much unsent, nothing more is given to a socket, in bytes. */
const HIGH_WATER_BYTES = 256 * 1024

/** Whoever waits for a socket to drain. */
export interface FlowControl {
  /**
   * Sends, and says whether there is room for more. If not, `wake` is called when there is. `onSent`
   * is called when `data` may be changed again, and never when the socket dies before.
   */
  send(data: Uint8Array | string, wake: () => void, onSent?: () => void): boolean
  readonly hasRoom: boolean
  forget(wake: () => void): void
}

/** One for each socket: all its channels share its buffer. */
export function createFlowControl(socket: MessageSocket): FlowControl {
  const waiting = new Set<() => void>()

  function drained(): void {
    if (socket.bufferedAmount > HIGH_WATER_BYTES) return
    for (const wake of [...waiting]) {
      waiting.delete(wake)
      wake()
    }
  }

  return {
    send(data, wake, onSent) {
      socket.send(data, () => {
        onSent?.()
        if (waiting.size > 0) drained()
      })
      if (socket.bufferedAmount <= HIGH_WATER_BYTES) return true
      waiting.add(wake)
      return false
    },
    get hasRoom() {
      return socket.bufferedAmount <= HIGH_WATER_BYTES
    },
    forget: (wake) => void waiting.delete(wake),
  }
}
