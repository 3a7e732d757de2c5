import type { Clock } from '@conductor/machine'
import { computed, effect, signal } from '@preact/signals'
import { placeKey } from '../layout/place.ts'
import { HERE } from '../servers/server.ts'
import { sessionOf, sessionPlace } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { registerWorker } from '../worker/register.ts'
import { createLooking } from './looking.ts'
import { createPageMarks } from './page-marks.ts'
import { createNoticeBoard, createPageNotices } from './page-notices.ts'
import { createPushDevice, type PushDevice } from './push-device.ts'
import { createPushSettings, isWanted, type PushSettings } from './push-settings.ts'

/** How this browser is told that a session waits. */
export interface Notifying {
  readonly settings: PushSettings
  readonly device: PushDevice
}

/** `crypto.randomUUID` is there on HTTPS alone. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export interface StartAttentionOptions {
  readonly app: Omit<App, 'notifying'>
  readonly base: URL
  readonly clock: Clock
}

/** Sees to it that a person learns of what waits, wherever they are, and is left alone where they look. */
export function startAttention({ app, base, clock }: StartAttentionOptions): Notifying {
  const { calls, workspace, toasts, servers, settings: own } = app
  const { api } = servers.here
  const isVisible = signal(document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', () => {
    isVisible.value = document.visibilityState === 'visible'
  })
  /** By key, so that it changes only with the session. */
  const lookedAt = computed(() => {
    const place = workspace.pane.value?.place
    return isVisible.value && place?.kind === 'terminal' ? placeKey(place) : ''
  })

  const { registration, problem } = registerWorker({
    base,
    onNewer: () => toasts.show('info', 'A newer version of this page is there. Reload to have it.'),
    onOpen: (id) => workspace.open(sessionPlace({ server: HERE, id })),
  })
  const settings = createPushSettings(api)
  const device = createPushDevice({ api, registration, problem })
  const ignored = (): void => {}
  const looking = createLooking({
    clock,
    page: randomName(),
    tell: (body) => void api.ask('PUT', 'api/push/looking', { body }).catch(ignored),
  })
  const showCount = createPageMarks()
  const tellOf = createPageNotices({
    board: createNoticeBoard(registration, new URL('icons/192.png', base).href),
    isWanted({ ref, state }) {
      const rules = settings.value.peek()
      const isPushed = device.state.peek().name === 'on'
      if (isVisible.peek() || isPushed || !own.values.peek().notices || !rules) return false
      if (typeof Notification !== 'function' || Notification.permission !== 'granted') return false
      return isWanted(rules, { sessionId: ref.id, state }, clock.date())
    },
  })

  effect(() => showCount(calls.unseen.value.length))
  effect(() => tellOf(calls.unseen.value))
  effect(() => {
    const key = lookedAt.value
    const place = workspace.pane.peek()?.place
    const ref = key && place ? sessionOf(place) : undefined
    looking.at(ref?.server === HERE ? ref.id : null)
    if (ref && calls.of(ref)) queueMicrotask(() => calls.look(ref))
  })
  void settings.load().catch(ignored)
  void device.look().catch(ignored)

  return { settings, device }
}
