import type { JSX } from 'preact'
import { Icon, type IconName } from './icons.tsx'

export interface IconButtonProps {
  readonly icon: IconName
  /** What it does, for those who do not see the icon, and as a tooltip for those who do. */
  readonly label: string
  readonly onClick: () => void
  readonly class?: string | undefined
  readonly expanded?: boolean | undefined
  readonly controls?: string | undefined
}

export function IconButton(props: IconButtonProps): JSX.Element {
  const { icon, label, onClick, expanded, controls } = props
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      aria-label={label}
      aria-expanded={expanded}
      aria-controls={controls}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}
