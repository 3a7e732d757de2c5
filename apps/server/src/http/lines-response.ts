import type { AppContext } from './app-env.ts'

/** Handed over at once, in characters. */
const PIECE_CHARACTERS = 64 * 1024

/** Between two looks at what else there is to do, in lines. */
const LINES_AT_ONCE = 500

/** Lines as fast as they are taken. Many of them may be empty: the event loop is not held up by them. */
export function linesResponse(
  c: AppContext,
  lines: Generator<string, void, undefined>,
  headers: Readonly<Record<string, string>>,
): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = ''
        for (let count = 1; text.length < PIECE_CHARACTERS; count++) {
          const { value } = lines.next()
          if (value === undefined) break
          text += value
          if (count % LINES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        if (text) controller.enqueue(encoder.encode(text))
        else controller.close()
      },
      cancel: () => void lines.return(),
    },
    // Nothing is read before somebody takes it, so nothing is left open when nobody does.
    { highWaterMark: 0 },
  )
  return c.body(body, 200, headers)
}
