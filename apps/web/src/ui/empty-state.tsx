import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icons.tsx'

export interface EmptyStateProps {
  readonly icon: IconName
  readonly title: string
  readonly text?: string | undefined
  /** What can be done about it. */
  readonly children?: ComponentChildren
}

/** What stands where there is nothing yet, or nothing any more. */
export function EmptyState({ icon, title, text, children }: EmptyStateProps): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children}
    </div>
  )
}
