import type { JSX } from 'preact'
import type { Span, Style } from './ansi.ts'
import { markFound } from './find-in-log.ts'
import type { LogLine } from './log-line.ts'

export interface LogRowProps {
  readonly line: LogLine
  /** Set off where it stands. */
  readonly words: string
  /** Whether it is the one that was gone to. */
  readonly current: boolean
}

/** One line. Everything in it is text: nothing that a program writes becomes an element. */
export function LogRow({ line, words, current }: LogRowProps): JSX.Element {
  return (
    <div class="log-line" data-level={line.level} data-current={current}>
      {line.spans.map((span) => piece(span, words))}
    </div>
  )
}

function piece(span: Span, words: string): JSX.Element {
  const parts = markFound(span.text, words).map(({ text, found }) =>
    found ? <mark>{text}</mark> : text,
  )
  return (
    <span class={classOf(span.style)} style={colorsOf(span.style)}>
      {parts}
    </span>
  )
}

function classOf({ bold, dim, italic, underline, struck, inverse }: Style): string | undefined {
  const names = { bold, dim, italic, underline, struck, inverse }
  const on = Object.entries(names).flatMap(([name, isOn]) => (isOn ? [`ansi-${name}`] : []))
  return on.length > 0 ? on.join(' ') : undefined
}

/** Colours by number are the page's own, light or dark. The text comes from `readAnsi`, not from a program. */
function colorsOf({ color, background }: Style): JSX.CSSProperties | undefined {
  if (color === undefined && background === undefined) return undefined
  const css = (value: string | undefined): string | undefined =>
    value !== undefined && /^\d+$/.test(value) ? `var(--ansi-${value})` : value
  return { color: css(color), background: css(background) }
}
