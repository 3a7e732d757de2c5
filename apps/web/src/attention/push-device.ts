import type { NewPushSubscriptionJson, PushKeyJson } from '@conductor/api-types'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../api/api.ts'

/** Whether this browser is told, also while no page is open. */
export type PushDeviceState =
  | { readonly name: 'unknown' }
  /** It cannot be: `reason` is a sentence. */
  | { readonly name: 'impossible'; readonly reason: string }
  | { readonly name: 'off' }
  /** A person has refused, and only the browser's own settings take that back. */
  | { readonly name: 'denied' }
  | { readonly name: 'asking' }
  | { readonly name: 'on' }

export interface PushDevice {
  readonly state: ReadonlySignal<PushDeviceState>
  /** Finds out how things stand; asks a person nothing. */
  look(): Promise<void>
  /** Asks for the permission: only ever for a click. @throws ApiError, or what the browser has against it. */
  turnOn(): Promise<void>
  turnOff(): Promise<void>
}

export interface PushDeviceOptions {
  readonly api: Pick<Api, 'ask'>
  readonly registration: Promise<ServiceWorkerRegistration | undefined>
  /** Why there is no service worker here; `undefined` when there may be one. */
  readonly problem: string | undefined
}

const PATH = 'api/push/subscriptions'

export function createPushDevice({ api, registration, problem }: PushDeviceOptions): PushDevice {
  const state = signal<PushDeviceState>({ name: 'unknown' })

  /** A subscription that the server has forgotten, as after a new login, is told to it again. */
  async function tell(subscription: PushSubscription): Promise<void> {
    const { endpoint, keys } = subscription.toJSON()
    const body: NewPushSubscriptionJson = {
      endpoint: endpoint ?? '',
      keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
      label: deviceName(navigator.userAgent),
    }
    await api.ask('PUT', PATH, { body })
  }

  async function look(): Promise<void> {
    const worker = await registration
    if (problem !== undefined || !worker || typeof Notification !== 'function')
      state.value = {
        name: 'impossible',
        reason: problem ?? 'This browser knows no notifications.',
      }
    else if (Notification.permission === 'denied') state.value = { name: 'denied' }
    else {
      const subscription = await worker.pushManager?.getSubscription()
      if (subscription) await tell(subscription)
      state.value = { name: subscription ? 'on' : 'off' }
    }
  }

  async function turnOn(): Promise<void> {
    state.value = { name: 'asking' }
    try {
      const permission = await Notification.requestPermission()
      const worker = await registration
      if (permission === 'granted' && worker) {
        const { key } = await api.ask<PushKeyJson>('GET', 'api/push/key')
        const wanted = { userVisibleOnly: true, applicationServerKey: key }
        await tell(await worker.pushManager.subscribe(wanted))
      }
    } finally {
      await look()
    }
  }

  return {
    state,
    look,
    turnOn,
    async turnOff() {
      const subscription = await (await registration)?.pushManager.getSubscription()
      if (subscription) {
        await subscription.unsubscribe()
        await api.ask('DELETE', PATH, { body: { endpoint: subscription.endpoint } })
      }
      await look()
    },
  }
}

/** What a person knows the device by, as “Chrome on Android”. */
export function deviceName(userAgent: string): string {
  const find = (names: Readonly<Record<string, RegExp>>): string | undefined =>
    Object.entries(names).find(([, pattern]) => pattern.test(userAgent))?.[0]
  // What another one pretends to be as well comes later.
  const browser = find({
    Edge: /\bEdg/,
    Opera: /\bOPR/,
    Firefox: /Firefox|FxiOS/,
    Chrome: /Chrom|CriOS/,
    Safari: /Safari/,
  })
  const system = find({
    iPhone: /iPhone/,
    iPad: /iPad/,
    Android: /Android/,
    macOS: /Macintosh/,
    Windows: /Windows/,
    Linux: /Linux/,
  })
  return [browser ?? 'A browser', system && `on ${system}`].filter(Boolean).join(' ')
}
