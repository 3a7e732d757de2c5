import { median } from './statistics.ts'

/** What issue 2 asks of a figure. */
export interface Limits {
  readonly must: number
  readonly aim: number
  readonly better: 'higher' | 'lower'
}

/** One row of the table. */
export interface Figure {
  /** Stable, for programs: `throughput.hosted.ratio`. */
  readonly id: string
  /** For people. */
  readonly label: string
  readonly unit: string
  /** The median of `samples`. */
  readonly value: number
  /** One for each round. */
  readonly samples: readonly number[]
  /** Absent where the figure is only there to be compared with. */
  readonly limits?: Limits
}

export type Verdict = 'aim' | 'ok' | 'miss'

/** A figure whose value is the median over its rounds. */
export function figure(
  id: string,
  label: string,
  unit: string,
  samples: readonly number[],
  limits?: Limits,
): Figure {
  return { id, label, unit, value: median(samples), samples, ...(limits && { limits }) }
}

export function higher(must: number, aim: number): Limits {
  return { must, aim, better: 'higher' }
}

export function lower(must: number, aim: number): Limits {
  return { must, aim, better: 'lower' }
}

/** `aim` and `ok` hold; `undefined` where nothing is asked. */
export function judge({ value, limits }: Figure): Verdict | undefined {
  if (!limits) return undefined
  const holds = (limit: number) => (limits.better === 'higher' ? value >= limit : value <= limit)
  return holds(limits.aim) ? 'aim' : holds(limits.must) ? 'ok' : 'miss'
}

/** A table in plain text: one line per figure, with its spread and what is asked. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((each) => [
    each.label,
    `${short(each.value)} ${each.unit}`,
    each.samples.length > 1
      ? `${short(Math.min(...each.samples))} … ${short(Math.max(...each.samples))}`
      : '',
    each.limits ? short(each.limits.must) : '',
    each.limits ? short(each.limits.aim) : '',
    judge(each) ?? '',
  ])
  const all = [['', 'median', 'spread', 'must', 'aim', ''], ...rows]
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  )
  return all
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function short(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}
