import type { KeepAlive } from './keep-alive.ts'
import type { MessageSocket } from './message-socket.ts'

/** Above this much typed and not taken by a pty, the socket is not read, in bytes. */
const PAUSE_ABOVE_BYTES = 1024 * 1024

/** Below this it is read again, in bytes. */
const RESUME_BELOW_BYTES = 512 * 1024

/** Lets whoever types too fast for a program wait, instead of keeping what they type. */
export interface InputPause {
  /** Call after each input, and when one has been taken. */
  look(backlogBytes: number): void
}

export function createInputPause(socket: MessageSocket, keepAlive: KeepAlive): InputPause {
  let paused = false

  return {
    look(backlogBytes) {
      if (!paused && backlogBytes > PAUSE_ABOVE_BYTES) {
        paused = true
        keepAlive.pause()
        socket.pause()
      } else if (paused && backlogBytes < RESUME_BELOW_BYTES) {
        paused = false
        socket.resume()
        keepAlive.resume()
      }
    },
  }
}
