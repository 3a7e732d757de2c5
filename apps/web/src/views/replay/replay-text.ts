/** As on a stopwatch: `1:05`, `2:03:04`. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** When it was, in the words of this browser; of today the time alone. */
export function dateText(dateMs: number): string {
  const date = new Date(dateMs)
  const isToday = date.toDateString() === new Date().toDateString()
  if (isToday) return date.toLocaleTimeString(undefined, { timeStyle: 'medium' })
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

export type Jump =
  | { readonly to: 'offset'; readonly offset: number }
  /** Since the beginning, in milliseconds. */
  | { readonly to: 'time'; readonly ms: number }

/** `1:05` and `2:03:04` are times since the beginning, a number alone is an offset. */
export function readJump(text: string): Jump | undefined {
  const clean = text.trim().replace(/[\s,_']/g, '')
  if (/^\d{1,15}$/.test(clean)) return { to: 'offset', offset: Number(clean) }
  const time = /^(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,3})?)$/.exec(clean)
  if (!time) return undefined
  const [, h = '0', m = '0', s = '0'] = time
  return { to: 'time', ms: (Number(h) * 3_600 + Number(m) * 60 + Number(s)) * 1_000 }
}
