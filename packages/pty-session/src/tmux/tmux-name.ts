import { createHash } from 'node:crypto'

/** tmux turns `:` and `.` into `_` and reads `#`, `$`, `@`, `%` and `=` as something else. */
const PLAIN = /^[A-Za-z0-9_-]{1,64}$/
const LONGEST_READABLE = 40

/**
 * What the session of `id` is called in tmux: the id itself where tmux takes it literally, else its
 * readable part and a piece of its hash, so that two ids never share a name.
 */
export function tmuxSessionName(id: string): string {
  if (PLAIN.test(id) && !id.startsWith('-')) return id
  const readable = id
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .slice(0, LONGEST_READABLE)
    .replace(/^_+$/, '')
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${readable}_${hash}`
}
