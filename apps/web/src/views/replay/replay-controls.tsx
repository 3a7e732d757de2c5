import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { sessionPath } from '../../api/api.ts'
import { hashOf, place as placeOf } from '../../layout/place.ts'
import { SPEEDS } from '../../replay/player.ts'
import { type SessionRef, sessionPlace } from '../../servers/session-ref.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import type { ViewProps } from '../views.ts'
import { JumpDialog } from './jump-dialog.tsx'
import type { OpenReplay } from './open-replay.ts'
import { localFile } from './replay-now.ts'
import { dateText, durationText } from './replay-text.ts'
import { Scrubber } from './scrubber.tsx'

export interface ReplayControlsProps extends ViewProps {
  readonly open: OpenReplay
  readonly sessionRef: SessionRef | undefined
}

/** Everything below the screen. */
export function ReplayControls(props: ReplayControlsProps): JSX.Element {
  const { app, open, sessionRef } = props
  const { replay, skipsPauses } = open
  const { player, timeline } = replay.state.value
  const [menu, setMenu] = useState<{ x: number; y: number } | undefined>()
  const info = sessionRef && app.sessions.find(sessionRef)
  const isLive = info?.status === 'running'

  async function share(): Promise<void> {
    if (!sessionRef) return
    const moment = sessionPlace(sessionRef, { at: String(player.offset) }, 'replay')
    await app.clipboard.write(new URL(hashOf(moment), location.href).href)
    app.toasts.show('info', 'A link to this moment is in the clipboard')
  }

  function jump(): void {
    void app.dialogs.show((close) => <JumpDialog replay={replay} onClose={() => close()} />)
  }

  return (
    <div class="replay-controls">
      <Scrubber open={open} />
      <div class="replay-buttons">
        <span class="replay-group">
          <IconButton
            icon="stepBack"
            label="To the prompt before"
            onClick={() => replay.step(-1)}
          />
          <IconButton
            icon={player.isPlaying ? 'pause' : 'play'}
            label={player.isPlaying ? 'Pause' : 'Play'}
            class="replay-play"
            onClick={() => replay.toggle()}
          />
          <IconButton icon="stepOn" label="To the next prompt" onClick={() => replay.step(1)} />
        </span>
        <button type="button" class="replay-time" title="Go to a time or an offset" onClick={jump}>
          <span>{timeText(player.timeMs, timeline?.startMs, timeline?.endMs)}</span>
          <small>
            {sessionRef && player.timeMs > 0 ? `${dateText(player.timeMs)} · ` : ''}
            byte {player.offset.toLocaleString('en')}
          </small>
        </button>
        <span class="replay-group replay-more">
          <select
            class="replay-speed"
            aria-label="Speed"
            value={String(player.speed)}
            onChange={({ currentTarget }) => replay.setSpeed(Number(currentTarget.value))}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={String(speed)}>
                {speed}×
              </option>
            ))}
          </select>
          <button
            type="button"
            class="replay-option"
            aria-pressed={skipsPauses.value}
            onClick={() => {
              skipsPauses.value = !skipsPauses.value
            }}
          >
            Skip pauses
          </button>
          {sessionRef && (
            <IconButton icon="share" label="Share this moment" onClick={() => void share()} />
          )}
          <IconButton
            icon="more"
            label="More"
            onClick={({ clientX, clientY }) => setMenu({ x: clientX, y: clientY })}
          />
          {sessionRef && info && (
            <button
              type="button"
              class="button replay-live"
              onClick={() => app.workspace.open(sessionPlace(sessionRef))}
            >
              {isLive && <span class="dot" data-status="running" />}
              {isLive ? 'Go live' : 'Session'}
            </button>
          )}
        </span>
      </div>
      {menu && (
        <Menu
          label="Replay"
          at={menu}
          items={itemsOf(props, jump)}
          onClose={() => setMenu(undefined)}
        />
      )}
    </div>
  )
}

function itemsOf({ app, sessionRef, open }: ReplayControlsProps, jump: () => void): MenuItem[] {
  const another: MenuItem = {
    label: 'Play a recording from a file…',
    icon: 'upload',
    separated: true,
    run() {
      localFile.value = undefined
      app.workspace.open(placeOf('replay'))
    },
  }
  const general: MenuItem[] = [
    { label: 'Go to a time or an offset…', icon: 'clock', run: jump },
    { label: 'Find', icon: 'search', run: () => app.commands.run('replay.find') },
    {
      label: 'Copy what is marked',
      icon: 'copy',
      disabled: open.xterm.selection === '',
      run: () => void app.clipboard.write(open.xterm.selection),
    },
  ]
  if (!sessionRef) return [...general, another]
  return [
    ...general,
    ...(['asciicast-v2', 'asciicast-v3'] as const).map(
      (format, index): MenuItem => ({
        label: `Download as ${format.replace('-', ' ')}`,
        icon: 'download',
        separated: index === 0,
        run: () => download(app, sessionRef, format),
      }),
    ),
    another,
  ]
}

function download(app: ReplayControlsProps['app'], ref: SessionRef, format: string): void {
  const server = app.servers.find(ref.server) ?? app.servers.here
  const link = document.createElement('a')
  link.href = server.api.url(`${sessionPath(ref.id)}/recording`, { format }).href
  link.download = `${ref.id}.cast`
  link.click()
}

function timeText(timeMs: number, startMs = timeMs, endMs = startMs): JSX.Element {
  return (
    <>
      {durationText(Math.max(timeMs - startMs, 0))} <i>/ {durationText(endMs - startMs)}</i>
    </>
  )
}
