/** A line longer than this is none of ours, in characters. */
const MOST_LINE_CHARACTERS = 32 * 1024 * 1024

/**
 * The lines of a text that comes in pieces, as many at once as a piece completes. Ending early cancels it.
 *
 * @throws RangeError for a line that does not end.
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<readonly string[], void, undefined> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      const lines = (
        rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))
      ).split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      if (rest.length > MOST_LINE_CHARACTERS) throw new RangeError('a line does not end')
      const full = lines.filter((line) => line !== '')
      if (full.length > 0) yield full
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
