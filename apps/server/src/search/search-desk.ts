/** How many search at once: each is a thread, and the machine has sessions to serve. */
const MOST_RUNNING = 2
/** How many wait for that. */
const MOST_WAITING = 8

/** Lets few search at a time, in the order in which they came. */
export interface SearchDesk {
  /**
   * `undefined`: too many wait already. Else resolves when it is one's turn, with how to leave. Who gives
   * up before calls `leave` at once, and never gets a turn.
   */
  enter(): { readonly turn: Promise<void>; readonly leave: () => void } | undefined
}

export function createSearchDesk(
  mostRunning: number = MOST_RUNNING,
  mostWaiting: number = MOST_WAITING,
): SearchDesk {
  // In the order of insertion: the first ones run, the others wait.
  const inside = new Map<object, () => void>()

  function callNext(): void {
    let place = 0
    for (const call of inside.values()) {
      if (place++ === mostRunning) return
      call()
    }
  }

  return {
    enter() {
      if (inside.size >= mostRunning + mostWaiting) return undefined
      const who = {}
      const turn = new Promise<void>((resolve) => void inside.set(who, resolve))
      callNext()
      return {
        turn,
        leave() {
          if (inside.delete(who)) callNext()
        },
      }
    },
  }
}
