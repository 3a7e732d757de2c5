import type { JSX } from 'preact'
import { linePath } from './line-path.ts'

const WIDTH = 52
const HEIGHT = 20

export interface SparklineProps {
  readonly values: readonly number[]
  /** The least that the top stands for: noise alone is no mountain. */
  readonly top: number
}

/**
 * The last minutes in the size of a word. An SVG of one path: a canvas with axes for every row would be
 * more than the number beside it is worth.
 */
export function Sparkline({ values, top }: SparklineProps): JSX.Element | null {
  // One point is no line.
  if (values.length < 2) return null
  const size = { width: WIDTH, height: HEIGHT }
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path class="spark-area" d={linePath(values, top, size, true)} />
      <path class="spark-line" d={linePath(values, top, size)} />
    </svg>
  )
}
