const STEPS: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [60, 'second'],
  [3_600, 'minute'],
  [86_400, 'hour'],
  [Number.POSITIVE_INFINITY, 'day'],
]

const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** As in "in 2 hours", "5 minutes ago". @param atMs, nowMs Milliseconds since 1970. */
export function relativeTime(atMs: number, nowMs: number): string {
  const seconds = (atMs - nowMs) / 1_000
  const [, unit = 'day'] = STEPS.find(([most]) => Math.abs(seconds) < most) ?? []
  return relative.format(Math.round(seconds / (SECONDS[unit] ?? 1)), unit)
}

const stamp = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** The moment itself; empty for what is none. */
export function fullTime(iso: string): string {
  const atMs = Date.parse(iso)
  return Number.isNaN(atMs) ? '' : stamp.format(atMs)
}
