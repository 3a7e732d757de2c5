import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LogLine } from './log-line.ts'
import { LogRow } from './log-rows.tsx'
import { type MeasuredLog, measureLog } from './log-window.ts'

/** As in the style sheet, in pixels. */
const ROW_PX = 20
/** The level's mark and the room beside the text. */
const GUTTER_PX = 28
/** Nearer to the end than this is at the end. */
const AT_END_PX = 24

export interface LogLinesProps {
  readonly label: string
  readonly lines: readonly LogLine[]
  /** How many lines went at the front so far: what is read stays where it is. */
  readonly dropped: number
  readonly wraps: boolean
  readonly words: string
  /** The line to be seen; one more `turn` brings it back. */
  readonly goTo: { readonly index: number; readonly turn: number } | undefined
  /** Whether the end is to be seen, now and as it moves. */
  readonly atEnd: boolean
  readonly onAtEnd: (atEnd: boolean) => void
}

/** A log of any length: only what is seen, and some more, is in the page. */
export function LogLines(props: LogLinesProps): JSX.Element {
  const { label, lines, dropped, wraps, words, goTo, atEnd, onAtEnd } = props
  const scroller = useRef<HTMLElement>(null)
  const ruler = useRef<HTMLSpanElement>(null)
  const measured = useRef<MeasuredLog>()
  const droppedBefore = useRef(dropped)
  const [size, setSize] = useState({ columns: 80, height: 400 })
  const [top, setTop] = useState(0)

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const measure = (): void => {
      const character = (ruler.current?.getBoundingClientRect().width ?? 800) / 100
      const columns = Math.max(Math.floor((element.clientWidth - GUTTER_PX) / character), 10)
      setSize({ columns, height: element.clientHeight })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const columns = wraps ? size.columns : Number.POSITIVE_INFINITY
  const log = useMemo(() => measureLog(lines, columns, measured.current), [lines, columns])
  const shift = useMemo(() => {
    const gone = dropped - droppedBefore.current
    droppedBefore.current = dropped
    return gone > 0 && measured.current ? measured.current.rowOf(gone) * ROW_PX : 0
  }, [dropped])
  measured.current = log

  const last = log.rows * ROW_PX - size.height
  const from = atEnd ? Math.max(last, 0) : Math.max(top - shift, 0)
  const shown = log.windowOf(from / ROW_PX, (from + size.height) / ROW_PX)

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    if (atEnd) element.scrollTop = element.scrollHeight
    else if (shift > 0) element.scrollTop -= shift
  }, [atEnd, log, size, shift])

  useEffect(() => {
    const element = scroller.current
    if (!goTo || !element) return
    element.scrollTop = Math.max(log.rowOf(goTo.index) * ROW_PX - size.height / 3, 0)
  }, [goTo])

  return (
    <section
      ref={scroller}
      class="log-scroll"
      // It is scrolled by keyboard, too.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={label}
      data-wraps={wraps}
      data-lines={lines.length}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        setTop(scrollTop)
        onAtEnd(scrollHeight - scrollTop - clientHeight < AT_END_PX)
      }}
    >
      <span ref={ruler} class="log-ruler" aria-hidden="true">
        {'0'.repeat(100)}
      </span>
      <div style={{ height: `${shown.rowsBefore * ROW_PX}px` }} />
      {lines.slice(shown.first, shown.last).map((line, at) => (
        <LogRow
          key={line.id}
          line={line}
          words={words}
          current={goTo?.index === shown.first + at}
        />
      ))}
      <div style={{ height: `${shown.rowsAfter * ROW_PX}px` }} />
    </section>
  )
}
