import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { sessionPlace } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { Icon } from '../../ui/icons.tsx'

export interface ReplayStartProps {
  readonly app: App
  readonly onFile: (file: File) => void
}

/** What could be replayed: any session, and a file. */
export function ReplayStart({ app, onFile }: ReplayStartProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const sessions = app.sessions.all()
  const take = (files: FileList | null | undefined): void => {
    const [file] = files ?? []
    if (file) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same
    <div
      class="view"
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <div class="view-body">
        <h2 class="view-title">Replay</h2>
        <p class="view-lead">What a terminal showed, at any time.</p>
        <button
          type="button"
          class="replay-drop"
          data-over={isOver}
          onClick={() => input.current?.click()}
        >
          <Icon name="play" />
          <span>Drop a recording here, or choose one</span>
          <small>A .cast file of asciinema. It stays on this device.</small>
        </button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".cast,.json,application/x-asciicast"
          onChange={({ currentTarget }) => take(currentTarget.files)}
        />
        {sessions.length > 0 && <h3 class="replay-heading">Sessions</h3>}
        <ul class="replay-sessions">
          {sessions.map(({ ref, info }) => (
            <li key={`${ref.server}/${ref.id}`}>
              <button
                type="button"
                class="replay-session"
                onClick={() => app.workspace.open(sessionPlace(ref, {}, 'replay'))}
              >
                <Icon name="clock" />
                <span>{info.name}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
