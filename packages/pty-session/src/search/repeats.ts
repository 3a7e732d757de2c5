/** A line that is drawn again within this counts as the same one, in milliseconds. */
const SAME_WITHIN_MS = 2_000
/** So many lines are remembered of each history: a screen and more. */
const LINES_KEPT = 100

/**
 * Programs that draw a whole screen write the same lines ten times a second; who searches wants to
 * see each once. Asked from the latest line to the oldest.
 */
export interface Repeats {
  /** How many there were. */
  readonly count: number
  isRepeat(id: string, text: string, timeMs: number | undefined): boolean
}

export function createRepeats(): Repeats {
  const known = new Map<string, Map<string, number>>()
  let count = 0

  return {
    get count() {
      return count
    },
    isRepeat(id, text, timeMs) {
      if (timeMs === undefined) return false
      const lines = known.get(id) ?? new Map<string, number>()
      known.set(id, lines)
      const laterMs = lines.get(text)
      // Again at the end of the order, with its new date: a screen that is drawn for an hour is one chain.
      lines.delete(text)
      lines.set(text, timeMs)
      for (const oldest of lines.keys()) {
        if (lines.size <= LINES_KEPT) break
        lines.delete(oldest)
      }
      const isRepeat = laterMs !== undefined && laterMs - timeMs < SAME_WITHIN_MS
      if (isRepeat) count++
      return isRepeat
    },
  }
}
