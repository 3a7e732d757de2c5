import type { PushSettingsJson } from '@conductor/api-types'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../api/api.ts'

/** About what, and when, somebody is told: kept by the server, for every device. */
export interface PushSettings {
  /** `undefined` until they were asked for. */
  readonly value: ReadonlySignal<PushSettingsJson | undefined>
  load(): Promise<void>
  /** Shown at once; as it was when the server refuses. @throws ApiError */
  save(change: Partial<PushSettingsJson>): Promise<void>
}

const PATH = 'api/push/settings'

export function createPushSettings(api: Pick<Api, 'ask'>): PushSettings {
  const value = signal<PushSettingsJson | undefined>(undefined)
  return {
    value,
    async load() {
      value.value = await api.ask<PushSettingsJson>('GET', PATH)
    },
    async save(change) {
      const before = value.peek()
      if (!before) return
      value.value = { ...before, ...change }
      try {
        value.value = await api.ask<PushSettingsJson>('PUT', PATH, { body: value.peek() })
      } catch (error) {
        value.value = before
        throw error
      }
    },
  }
}

export interface Told {
  readonly sessionId: string
  readonly state: 'waiting' | 'done' | 'failed'
}

/** Whether somebody wants to hear of this now, by the same rules as the server's. */
export function isWanted(settings: PushSettingsJson, told: Told, dateMs: number): boolean {
  const { states, muted, quietHours } = settings
  if (!states.includes(told.state) || muted.includes(told.sessionId)) return false
  return !quietHours || !isWithin(quietHours, dateMs)
}

function isWithin(
  { from, to, timeZone }: NonNullable<PushSettingsJson['quietHours']>,
  dateMs: number,
): boolean {
  const now = new Intl.DateTimeFormat('en-GB', {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone },
  }).format(dateMs)
  // `HH:MM` compares as it reads. Over midnight the hours are two spans.
  return from <= to ? from <= now && now < to : now >= from || now < to
}
