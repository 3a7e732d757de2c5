import type { ComponentChildren, JSX } from 'preact'
import type { KeyChord } from '../commands/keys.ts'
import { Keys } from './keys.tsx'

export interface TooltipProps {
  readonly text: string
  readonly chord?: KeyChord | undefined
  /** On which side there is room (default: below). */
  readonly side?: 'above' | 'below' | undefined
  readonly children: ComponentChildren
}

/**
 * A word about what is under the pointer or has the focus. It only says again what `aria-label` says, so
 * readers do not hear it; it is drawn by CSS alone.
 */
export function Tooltip({ text, chord, side = 'below', children }: TooltipProps): JSX.Element {
  return (
    <span class="tooltip-anchor">
      {children}
      <span class="tooltip" data-side={side} aria-hidden="true">
        {text}
        {chord && <Keys chord={chord} />}
      </span>
    </span>
  )
}
