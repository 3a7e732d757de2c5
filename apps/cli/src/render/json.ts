import type { Output } from '../context.ts'

/** For programs: one document, and nothing else. */
export function printJson(out: Output, value: unknown): Promise<void> {
  return out.write(`${JSON.stringify(value, null, 2)}\n`)
}
