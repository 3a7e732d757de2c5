import './viewers-chip.css'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Viewer, viewerName, viewersText } from '../../servers/viewers.ts'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { Icon } from '../../ui/icons.tsx'
import { Popover } from '../../ui/popover.tsx'
import { fullTime } from '../../ui/time-text.ts'

export interface ViewersChipProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

/** Who else is here, below a terminal; nothing while nobody is. */
export function ViewersChip({ app, terminal }: ViewersChipProps): JSX.Element | null {
  const [at, setAt] = useState<{ x: number; y: number } | undefined>()
  const { ref } = terminal
  const viewers = app.servers.find(ref.server)?.viewers.of(ref.id) ?? []
  const text = viewersText(viewers)
  if (text === undefined) return null
  return (
    <>
      <button
        type="button"
        class="viewers-chip status-action"
        aria-haspopup="dialog"
        aria-expanded={at !== undefined}
        onClick={({ currentTarget }) => {
          const { left, top } = currentTarget.getBoundingClientRect()
          setAt({ x: left, y: top })
        }}
      >
        <Icon name="people" />
        {text}
      </button>
      {at && (
        <Popover label="Who is here" at={at} onClose={() => setAt(undefined)}>
          <h2>Who is here</h2>
          <ViewerList viewers={viewers} />
          <Size terminal={terminal} />
          <Actions app={app} />
        </Popover>
      )}
    </>
  )
}

function ViewerList({ viewers }: { readonly viewers: readonly Viewer[] }): JSX.Element {
  return (
    <ul class="viewer-list">
      {viewers.map((viewer) => (
        <li key={viewer.id} data-viewer={viewer.id} data-typing={viewer.typing}>
          <span class="who">{viewerName(viewer)}</span>
          <span class="does">
            {viewer.typing ? 'types' : viewer.mode === 'driver' ? 'may type' : 'looks on'}
          </span>
          <span class="since">
            {[
              viewer.via.startsWith('share:') && 'by a link',
              viewer.label && viewer.address,
              fullTime(viewer.since) && `since ${fullTime(viewer.since)}`,
            ]
              .filter(Boolean)
              .join(', ')}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Whose size it is. It is handed over by being taken: nobody has to be asked, and it can be taken back. */
function Size({ terminal }: { readonly terminal: OpenTerminal }): JSX.Element | null {
  const { size } = terminal.state.value
  if (size.owner === 'you')
    return (
      <p class="viewers-note">
        The terminal is as large as yours. Whoever types next, or takes the size, has it then.
      </p>
    )
  if (size.owner !== 'other') return null
  return (
    <p class="viewers-note">
      The terminal is as large as somebody else’s: {size.cols}×{size.rows}.
    </p>
  )
}

function Actions({ app }: { readonly app: App }): JSX.Element {
  const all = app.commands.all.value
  const offered = ['terminal.claimSize', 'terminal.share', 'view.shares'].flatMap(
    (id) => all.find((each) => each.id === id && each.when?.() !== false) ?? [],
  )
  return (
    <div class="popover-actions">
      {offered.map(({ id, title }) => (
        <button key={id} type="button" class="button" onClick={() => app.commands.run(id)}>
          {title}
        </button>
      ))}
    </div>
  )
}
