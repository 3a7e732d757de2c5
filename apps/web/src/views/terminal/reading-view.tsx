import './reading-view.css'
import type { ITheme } from '@xterm/xterm'
import type { JSX } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { zoomByPinch } from '../../terminal/pinch.ts'
import { readableColor } from '../../terminal/readable-color.ts'
import { type ReadLine, type ReadRun, splitLinks } from '../../terminal/reading.ts'
import { terminalTheme } from '../../terminal/themes.ts'
import { Icon } from '../../ui/icons.tsx'
import { useThrottled } from '../../ui/use-throttled.ts'

/** How far back is read at first, and how much more with each wish for it, in rows of the terminal. */
const STEP_ROWS = 1_500

/** Output faster than this is shown together, in milliseconds. */
const EVERY_MS = 120

/** So near the end still is the end, in CSS pixels. */
const NEAR_PX = 24

const SIZES = { least: 10, most: 28 }

export interface ReadingViewProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

/**
 * A session as text in the width of the page: it can be marked, its links can be tapped, and nobody's
 * terminal becomes another size.
 */
export function ReadingView({ app, terminal }: ReadingViewProps): JSX.Element {
  const { xterm } = terminal
  const box = useRef<HTMLDivElement>(null)
  const [rows, setRows] = useState(STEP_ROWS)
  const [shown, setShown] = useState(() => xterm.read(STEP_ROWS))
  const [atEnd, setAtEnd] = useState(true)
  const fontSize = useRef(app.settings.values.peek().fontSize + 1)
  const { terminalTheme: name } = app.settings.values.value
  const theme = terminalTheme(name, app.page.dark.value)

  const refresh = useCallback(() => setShown(xterm.read(rows)), [xterm, rows])
  useEffect(refresh, [refresh])
  useThrottled(xterm.onChanged, refresh, EVERY_MS)

  useLayoutEffect(() => {
    const element = box.current
    if (element && atEnd) element.scrollTop = element.scrollHeight
  }, [shown, atEnd])

  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const draw = (): void => element.style.setProperty('--reading-size', `${fontSize.current}px`)
    draw()
    return zoomByPinch({
      element,
      size: () => fontSize.current,
      onZoom(size) {
        fontSize.current = Math.min(Math.max(size, SIZES.least), SIZES.most)
        draw()
      },
    })
  }, [])

  /** What is above moves down by what comes before it: the place stays. */
  function readMore(): void {
    const element = box.current
    const below = element ? element.scrollHeight - element.scrollTop : 0
    setRows(rows + STEP_ROWS)
    requestAnimationFrame(() => {
      if (element) element.scrollTop = element.scrollHeight - below
    })
  }

  const { blocks, screen, more } = shown
  const isEmpty = blocks.length === 0 && screen.length === 0
  return (
    <div class="reading" style={{ background: theme.background, color: theme.foreground }}>
      {/* It can be scrolled, so it can be reached by keyboard. */}
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: see above */}
      <div
        ref={box}
        class="reading-text"
        role="document"
        aria-label="The session as text"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_PX)
        }
      >
        {more && (
          <button type="button" class="button reading-more" onClick={readMore}>
            <Icon name="up" />
            Earlier
          </button>
        )}
        {isEmpty && <p class="reading-nothing">Nothing was written yet.</p>}
        {blocks.map((lines, index) => (
          // A block stands where it stands: those before it are never taken away.
          <Block key={index} lines={lines} theme={theme} />
        ))}
        <Block lines={screen} theme={theme} />
      </div>
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
      {!atEnd && (
        <button type="button" class="button reading-end" onClick={() => setAtEnd(true)}>
          <Icon name="down" />
          Newest
        </button>
      )}
    </div>
  )
}

interface BlockProps {
  readonly lines: readonly ReadLine[]
  readonly theme: ITheme
}

/** Drawn again only when it says something else: the very same element is passed over. */
function Block({ lines, theme }: BlockProps): JSX.Element {
  return useMemo(
    () => (
      <div class="reading-block">
        {lines.map(({ runs, rule }, index) =>
          rule ? <hr key={index} /> : <Line key={index} runs={runs} theme={theme} />,
        )}
      </div>
    ),
    [lines, theme],
  )
}

function Line({ runs, theme }: { readonly runs: readonly ReadRun[]; readonly theme: ITheme }) {
  return (
    <p>
      {runs.map((run, index) => (
        <Run key={index} run={run} theme={theme} />
      ))}
      {/* A line that is marked and copied keeps its end. */}
      {'\n'}
    </p>
  )
}

function Run({ run, theme }: { readonly run: ReadRun; readonly theme: ITheme }): JSX.Element {
  const { text, color, bold, faint, italic, underline } = run
  const parts = splitLinks(text).map(({ text: part, isLink }, index) =>
    isLink ? (
      <a key={index} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  )
  const isPlain = color === undefined && !bold && !faint && !italic && !underline
  if (isPlain) return <>{parts}</>
  return (
    <span
      data-bold={bold}
      data-faint={faint && color === undefined}
      data-italic={italic}
      data-underline={underline}
      style={color === undefined ? undefined : { color: readableColor(color, theme) }}
    >
      {parts}
    </span>
  )
}
