import { createHash } from 'node:crypto'
import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'
import type { SubscriptionKeys } from './encrypt.ts'

/** Devices of one person; one more, and the oldest goes. */
const MOST_SUBSCRIPTIONS = 50

export interface Subscription {
  /** From its endpoint. */
  readonly id: string
  /** Of whom it is: gone when that one logs out. */
  readonly loginId: string
  readonly endpoint: string
  readonly keys: SubscriptionKeys
  /** What the person calls the device. */
  readonly label?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

export type NotifiedState = 'waiting' | 'done' | 'failed'

/** When to be left alone, and about what. */
export interface PushSettings {
  readonly states: readonly NotifiedState[]
  /** What the program said, on the lock screen too (default: no). */
  readonly includeText: boolean
  /** Sessions about which nothing is sent. */
  readonly muted: readonly string[]
  /** `HH:MM` to `HH:MM` in `timeZone`, over midnight too. */
  readonly quietHours?:
    | { readonly from: string; readonly to: string; readonly timeZone: string }
    | undefined
}

export const DEFAULT_SETTINGS: PushSettings = {
  states: ['waiting', 'failed'],
  includeText: false,
  muted: [],
}

const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'write HH:MM, as in 22:30')

export const settingsSchema: z.ZodType<PushSettings> = z.strictObject({
  states: z.array(z.enum(['waiting', 'done', 'failed'], 'write waiting, done or failed')).max(3),
  includeText: z.boolean('write true or false'),
  muted: z.array(z.string().regex(/^[0-9a-z]{1,64}$/, 'is no id of a session')).max(1_000),
  quietHours: z
    .strictObject({
      from: clockTime,
      to: clockTime,
      timeZone: z
        .string()
        .max(64)
        .refine(isTimeZone, 'is no time zone; write one as in Europe/Berlin'),
    })
    .optional(),
})

const file = z.object({
  v: z.literal(1),
  boundTo: z.string(),
  settings: settingsSchema,
  subscriptions: z.array(
    z.object({
      id: z.string(),
      loginId: z.string(),
      endpoint: z.string(),
      keys: z.object({ p256dh: z.string(), auth: z.string() }),
      label: z.string().optional(),
      createdAt: z.string(),
    }),
  ),
})

export interface PushStoreOptions {
  /** Absolute. Mode 0600. */
  readonly path: string
  /** Changes with the password: whoever knew the old one alone is told nothing any more. */
  readonly boundTo: string
  readonly onTrouble: (error: unknown) => void
}

export interface PushStore {
  readonly subscriptions: readonly Subscription[]
  settings: PushSettings
  put(subscription: Omit<Subscription, 'id'>): Subscription
  /** @returns Whether there was one. */
  remove(endpoint: string): boolean
  forgetLogin(loginId: string): void
}

export function createPushStore({ path, boundTo, onTrouble }: PushStoreOptions): PushStore {
  const kept = read(path)
  const isOurs = kept?.boundTo === boundTo
  let settings = kept?.settings ?? DEFAULT_SETTINGS
  let subscriptions: readonly Subscription[] = isOurs ? kept.subscriptions : []

  function save(): void {
    try {
      writePrivateFile(path, `${JSON.stringify({ v: 1, boundTo, settings, subscriptions })}\n`)
    } catch (error) {
      onTrouble(error)
    }
  }

  function keep(next: readonly Subscription[]): boolean {
    if (next.length === subscriptions.length) return false
    subscriptions = next
    save()
    return true
  }

  return {
    get subscriptions() {
      return subscriptions
    },
    get settings() {
      return settings
    },
    set settings(next) {
      settings = next
      save()
    },
    put(wanted) {
      const subscription = { ...wanted, id: idOf(wanted.endpoint) }
      const others = subscriptions.filter(({ endpoint }) => endpoint !== wanted.endpoint)
      subscriptions = [...others, subscription].slice(-MOST_SUBSCRIPTIONS)
      save()
      return subscription
    },
    remove: (endpoint) => keep(subscriptions.filter((each) => each.endpoint !== endpoint)),
    forgetLogin: (loginId) => void keep(subscriptions.filter((each) => each.loginId !== loginId)),
  }
}

/** Whether now is a time to be left alone. */
export function isQuiet({ quietHours }: PushSettings, nowMs: number): boolean {
  if (!quietHours) return false
  const { from, to, timeZone } = quietHours
  const now = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).format(nowMs)
  return from <= to ? from <= now && now < to : from <= now || now < to
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone }) !== undefined
  } catch {
    return false
  }
}

function idOf(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('hex').slice(0, 12)
}

function read(path: string): z.infer<typeof file> | undefined {
  try {
    return file.parse(JSON.parse(readIfThere(path) ?? ''))
  } catch {
    return undefined
  }
}
