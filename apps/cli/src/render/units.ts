/** A length of time, in its two largest units: `45s`, `3m 5s`, `2h 10m`, `12d 3h`. */
export function renderDuration(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1_000), 0)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h ${minutes % 60}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** An amount of memory: `512 B`, `43.1 MiB`. */
export function renderBytes(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1_024) break
    value /= 1_024
    unit = next
  }
  return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`
}
