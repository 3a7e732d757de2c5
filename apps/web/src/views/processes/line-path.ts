/** So many of the newest values are drawn. */
const MOST = 40

/**
 * The path of an SVG through values that are equally far apart, the newest at the right edge.
 *
 * @param top The least that the upper edge stands for.
 * @param closed Down to the lower edge and back, for an area.
 */
export function linePath(
  values: readonly number[],
  top: number,
  { width, height }: { readonly width: number; readonly height: number },
  closed = false,
): string {
  const shown = values.slice(-MOST)
  if (shown.length < 2) return ''
  const highest = Math.max(top, ...shown)
  const step = width / (shown.length - 1)
  const line = shown.map((value, at) => {
    const y = height - 1 - (Math.max(value, 0) / highest) * (height - 2)
    return `${at === 0 ? 'M' : 'L'}${round(at * step)} ${round(y)}`
  })
  return `${line.join('')}${closed ? `L${width} ${height}L0 ${height}Z` : ''}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
