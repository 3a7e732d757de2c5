import { systemClock } from '@conductor/machine'
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { sessionPath } from '../../api/api.ts'
import type { Place } from '../../layout/place.ts'
import { connectWorker } from '../../replay/connect-worker.ts'
import { createReplay, type Replay } from '../../replay/replay.ts'
import { createTimeScale, type TimeScale } from '../../replay/time-scale.ts'
import type { Timeline } from '../../replay/timeline.ts'
import { sessionOf } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { createXtermScreen, type XtermScreen } from '../../terminal/xterm-screen.ts'
import { followLink } from '../terminal/questions.tsx'
import { playFile } from './replay-now.ts'

/** Skipped pauses take up this much of the line, in milliseconds. */
const SHORT_PAUSE_MS = 1_000

/** A session that goes on is asked for more this often, in milliseconds. */
const REFRESH_MS = 3_000

/** Points of the timeline that are asked for. */
const POINTS = 1_000

export interface OpenReplay {
  readonly replay: Replay
  readonly xterm: XtermScreen
  readonly scale: ReadonlySignal<TimeScale>
  readonly skipsPauses: Signal<boolean>
  /** Goes to where an address says. */
  begin(to: { readonly at: string | undefined; readonly find: string | undefined }): void
  close(): void
}

export interface OpenReplayOptions {
  readonly app: App
  readonly place: Place
  readonly file: File | undefined
}

const EMPTY: Timeline = { start: 0, end: 0, points: [], resizes: [], markers: [] }

/** Puts a recording and a screen together. */
export function createOpenReplay({ app, place, file }: OpenReplayOptions): OpenReplay {
  const { settings, toasts, servers, page } = app
  const ref = sessionOf(place)
  const server = servers.find(ref.server) ?? servers.here
  const path = sessionPath(place.id)
  const look = () => ({ settings: settings.values.value, dark: page.dark.value })
  const clock = systemClock
  let timer: unknown

  // Nobody listens to what it would send: neither keys nor answers to old queries go anywhere.
  const xterm = createXtermScreen({
    look: { settings: settings.values.peek(), dark: page.dark.peek() },
    label: 'What the terminal showed',
    onPaste: () => true,
    onFiles: ([first]) => first && playFile(app, first),
    onLink: (target, hidden) => void followLink(app, target, hidden),
    onZoom: (fontSize) => settings.set('fontSize', fontSize),
    onSelected(text) {
      if (settings.values.peek().copyOnSelect) void app.clipboard.write(text)
    },
    onProblem: () => {},
  })
  const replay = createReplay({
    screen: xterm.screen,
    connect: connectWorker,
    source: file ? { file } : { url: server.api.url(`${path}/replay`).href },
    clock,
    onUnauthorized: () => void server.sessions.refresh(),
  })
  const skipsPauses = signal(false)
  const scale = computed(() =>
    createTimeScale(
      replay.state.value.timeline ?? EMPTY,
      skipsPauses.value ? SHORT_PAUSE_MS : Number.POSITIVE_INFINITY,
    ),
  )
  const endLook = effect(() => xterm.configure(look()))
  const endSkips = effect(() => replay.setSkipsPauses(skipsPauses.value))

  async function readTimeline(): Promise<void> {
    const query = { points: POINTS }
    // The worker tells what is wrong with the recording, if something is.
    const known = await server.api
      .ask<Timeline>('GET', `${path}/timeline`, { query })
      .catch(() => undefined)
    if (known) replay.tell(known)
  }

  function refreshLater(): void {
    timer = clock.setTimeout(() => {
      const isRunning = app.sessions.find(ref)?.status === 'running'
      const { isIndexed, player } = replay.state.peek()
      if (isRunning && isIndexed && document.visibilityState === 'visible') {
        replay.refresh()
        // What has come since is played on.
        if (player.isAtEnd) void readTimeline()
      }
      refreshLater()
    }, REFRESH_MS)
  }

  async function begin(at: string | undefined, find: string | undefined): Promise<void> {
    const offset = /^\d{1,15}$/.test(at ?? '') ? Number(at) : undefined
    // Old sessions are looked at from their end; a file is played.
    await replay.seek(offset ?? (file ? 0 : Number.MAX_SAFE_INTEGER), find !== undefined)
    if (find) {
      const options = { caseSensitive: true, regex: false }
      if (!xterm.finder.find(find, options, 'previous'))
        toasts.show('info', 'It is not on the screen any more')
    }
    if (file && offset === undefined) replay.toggle()
  }

  if (!file) {
    void readTimeline()
    refreshLater()
  }

  return {
    replay,
    xterm,
    scale,
    skipsPauses,
    begin: ({ at, find }) => void begin(at, find),
    close() {
      clock.clearTimeout(timer)
      endLook()
      endSkips()
      replay.close()
      xterm.dispose()
    },
  }
}
