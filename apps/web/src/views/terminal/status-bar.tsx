import type { ComponentChildren, JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { spokenStatus, statusLine, statusWord } from '../../terminal/status-text.ts'
import type { SharedSize } from '../../terminal/terminal-size.ts'
import type { TerminalViewState } from '../../terminal/terminal-view.ts'
import { Icon } from '../../ui/icons.tsx'

export interface StatusBarProps {
  /** What the session is called. */
  readonly name: string
  readonly state: TerminalViewState
  readonly onReconnect: () => void
  /** `undefined` for whoever may not. */
  readonly onClaimSize: (() => void) | undefined
  /** Shows what was passed over. */
  readonly onEarlier: (offset: number) => void
  /** Who else is here. */
  readonly viewers?: ComponentChildren
}

/** The line below a screen. It is always there, so that nothing moves when it has something to say. */
export function StatusBar(props: StatusBarProps): JSX.Element {
  const { name, state, onReconnect, onClaimSize, onEarlier, viewers } = props
  const { status, pending, size, restored, title, passedOver } = state
  const line = statusLine(status)
  const wasLost = useRef(false)
  if (status.name === 'reconnecting' || status.name === 'stopped') wasLost.current = true
  return (
    <div class="status-bar" data-quiet={!line && !pending && restored === undefined}>
      <span class="connection" data-connection={status.name} title={statusWord(status)}>
        <span class="dot" />
        <span class="for-readers">{statusWord(status)}</span>
      </span>
      {/* What is counted in the line beside it would be read out again and again. */}
      <span class="for-readers" role="status">
        {spokenStatus(status, wasLost.current)}
      </span>
      <div class="status-line">
        {line?.retry && (
          <button type="button" class="status-retry" data-tone={line.tone} onClick={onReconnect}>
            {line.text}
          </button>
        )}
        {line && !line.retry && <span data-tone={line.tone}>{line.text}</span>}
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
      {passedOver !== undefined && !line && !pending && (
        <button
          type="button"
          class="status-action"
          title="There was too much output to read it all again: the screen is as it would be. What came before is in the replay."
          onClick={() => onEarlier(passedOver)}
        >
          <Icon name="clock" />
          Earlier output
        </button>
      )}
      {title && title !== name && !line && !pending && (
        <span class="program-title" title={title}>
          {title}
        </span>
      )}
      {viewers}
      {(status.name === 'live' || status.name === 'replaying') && (
        <Size size={size} onClaim={onClaimSize} />
      )}
    </div>
  )
}

interface SizeProps {
  readonly size: SharedSize
  readonly onClaim: (() => void) | undefined
}

function Size({ size: { cols, rows, owner }, onClaim }: SizeProps): JSX.Element {
  if (owner !== 'other' || !onClaim)
    return (
      <span class="size" title={`${cols} columns, ${rows} rows`}>
        {cols}×{rows}
      </span>
    )
  return (
    <button
      type="button"
      class="size status-action"
      title={`Another viewer has made this terminal ${cols} columns by ${rows} rows`}
      onClick={onClaim}
    >
      <Icon name="fit" />
      Use my size
    </button>
  )
}
