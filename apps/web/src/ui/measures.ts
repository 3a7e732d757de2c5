// Lengths of time, sizes and shares, as people write them.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time, to two parts: `45 s`, `12 min`, `3 h 5 min`, `8 d 2 h`. */
export function ageText(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const at = Math.max(ms, 0)
  if (at < MINUTE) return `${Math.floor(at / SECOND)} s`
  if (at < HOUR) return `${Math.floor(at / MINUTE)} min`
  if (at < DAY) return two(at, HOUR, 'h', MINUTE, 'min')
  return two(at, DAY, 'd', HOUR, 'h')
}

function two(ms: number, large: number, name: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)} ${name}${rest > 0 ? ` ${rest} ${smallName}` : ''}`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** `512 B`, `3.4 MB`, `128 MB`: of 1024, as memory is sold. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_024
    unit++
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

export function percentText(percent: number | undefined): string {
  if (percent === undefined) return '–'
  return `${percent >= 10 ? Math.round(percent) : percent.toFixed(1)} %`
}
