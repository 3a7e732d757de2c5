/** The value below which `share` of all lie: the nearest rank, never one between two samples. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
  if (value === undefined) throw new Error('no samples')
  return value
}

/** The middle sample; between the two middle ones where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) throw new Error('no samples')
  return (lower + upper) / 2
}
