import './facts.css'
import type { ComponentChildren, JSX } from 'preact'
import { StateMark, type Tone } from './state-mark.tsx'

/** What is known of something, one line each: children are {@link Fact}s. */
export function Facts({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>
}

export interface FactProps {
  readonly name: string
  /** How good that is (default: that is no question). */
  readonly tone?: Tone | undefined
  readonly children: ComponentChildren
}

export function Fact({ name, tone, children }: FactProps): JSX.Element {
  return (
    <div>
      <dt>{tone ? <StateMark tone={tone} word={name} /> : name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
