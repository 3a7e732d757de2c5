import type { JSX } from 'preact'
import { ariaKeys, type KeyChord } from '../commands/keys.ts'
import { Icon, type IconName } from './icons.tsx'
import { Tooltip } from './tooltip.tsx'

export interface IconButtonProps {
  readonly icon: IconName
  /** What it does, for those who do not see the icon, and as a tooltip for those who do. */
  readonly label: string
  readonly onClick: (event: MouseEvent) => void
  readonly class?: string | undefined
  readonly chord?: KeyChord | undefined
  readonly side?: 'above' | 'below' | undefined
  readonly pressed?: boolean | undefined
  readonly disabled?: boolean | undefined
  readonly expanded?: boolean | undefined
  readonly controls?: string | undefined
}

export function IconButton(props: IconButtonProps): JSX.Element {
  const { icon, label, onClick, chord, side, pressed, disabled, expanded, controls } = props
  return (
    <Tooltip text={label} chord={chord} side={side}>
      <button
        type="button"
        class={`icon-button ${props.class ?? ''}`}
        aria-label={label}
        aria-pressed={pressed}
        aria-expanded={expanded}
        aria-controls={controls}
        aria-keyshortcuts={chord && ariaKeys(chord)}
        disabled={disabled}
        onClick={onClick}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  )
}
