import type { JSX } from 'preact'
import { statusLine } from '../terminal/status-text.ts'
import type { TerminalViewState } from '../terminal/terminal-view.ts'
import { Icon } from './icons.tsx'

export interface StatusBarProps {
  readonly state: TerminalViewState
  readonly onReconnect: () => void
  readonly onClaimSize: () => void
}

/** The line below a screen. It is always there, so that nothing moves when it has something to say. */
export function StatusBar({ state, onReconnect, onClaimSize }: StatusBarProps): JSX.Element {
  const { status, pending, size, restored } = state
  const line = statusLine(status)
  return (
    <div class="status-bar">
      <div class="status-line" role="status">
        {line && <span data-tone={line.tone}>{line.text}</span>}
        {restored !== undefined && (
          <span class="restoring" data-tone="quiet">
            Restoring history… {Math.floor(restored * 100)} %
          </span>
        )}
      </div>
      {status.name === 'reconnecting' && (
        <button type="button" class="status-action" onClick={onReconnect}>
          Retry now
        </button>
      )}
      {pending && (
        <div class="pending">
          <span>{pending.amount} not sent yet:</span> <kbd>{pending.text}</kbd>
        </div>
      )}
      <div class="size">
        {size.owner === 'other' ? (
          <button
            type="button"
            class="status-action"
            title={`Another viewer has made this terminal ${size.cols} columns by ${size.rows} rows`}
            onClick={onClaimSize}
          >
            <Icon name="fit" />
            Use my size
          </button>
        ) : (
          <span title={`${size.cols} columns, ${size.rows} rows`}>
            {size.cols}×{size.rows}
          </span>
        )}
      </div>
    </div>
  )
}
