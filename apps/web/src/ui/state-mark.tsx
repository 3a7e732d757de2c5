import './state-mark.css'
import type { JSX } from 'preact'

/** How good something is: `busy` passes by itself, `idle` is nobody's concern, `none` has no dot at all. */
export type Tone = 'good' | 'busy' | 'warn' | 'danger' | 'idle' | 'none'

export interface StateMarkProps {
  readonly tone: Tone
  /** Says the same as the colour. */
  readonly word: string
}

/** A state by its colour and by a word, for whoever cannot tell the one or the other. */
export function StateMark({ tone, word }: StateMarkProps): JSX.Element {
  return (
    <span class="state-mark" data-tone={tone}>
      <span class="dot" />
      {word}
    </span>
  )
}
