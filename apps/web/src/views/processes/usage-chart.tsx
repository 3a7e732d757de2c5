import 'uplot/dist/uPlot.min.css'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import type { UsagePoint } from './process-store.ts'

const HEIGHT_PX = 150

export interface UsageChartProps {
  readonly title: string
  readonly now: string
  readonly note: string
  readonly points: readonly UsagePoint[]
  readonly read: (point: UsagePoint) => number
  readonly text: (value: number) => string
  /** The least that the upper edge stands for. */
  readonly top: number
  readonly dark: boolean
}

/** What was used over time. A point is added, and the chart is not made anew. */
export function UsageChart(props: UsageChartProps): JSX.Element {
  const { title, now, note, points, read, text, top, dark } = props
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot>()
  const data = useRef<UPlot.AlignedData>([[], []])
  data.current = [points.map(({ atMs }) => atMs / 1_000), points.map(read)]

  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const color = (name: string): string => colorOf(element, name)
    const axis = {
      stroke: color('--text-soft'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
    }
    const made = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.2, top)] } },
        axes: [
          { ...axis, size: 26, values: (_, values) => values.map(timeText), space: 70 },
          { ...axis, size: 62, values: (_, values) => values.map(text), space: 40 },
        ],
        series: [
          {},
          {
            stroke: color('--accent-text'),
            fill: color('--selected'),
            width: 1.5,
            points: { show: data.current[0].length < 3 },
          },
        ],
      },
      data.current,
      element,
    )
    chart.current = made
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = undefined
    }
  }, [dark, points.length === 0])

  useEffect(() => chart.current?.setData(data.current), [points])

  return (
    <figure class="usage">
      <figcaption>
        <span class="usage-title">{title}</span>
        <strong>{now}</strong>
        <span class="usage-note">{note}</span>
      </figcaption>
      {points.length === 0 ? (
        <p class="usage-none">
          It is measured every 15 seconds while it runs, and drawn from now on.
        </p>
      ) : (
        <div ref={box} class="usage-chart" aria-hidden="true" />
      )}
    </figure>
  )
}

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

function timeText(seconds: number): string {
  return TIME.format(seconds * 1_000)
}

/** A canvas knows no variables, and not which half of `light-dark()` is meant: the browser tells. */
function colorOf(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('span'))
  probe.style.color = `var(${name})`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
