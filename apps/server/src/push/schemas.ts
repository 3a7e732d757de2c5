import { z } from '@hono/zod-openapi'
import { endpointProblem } from './public-address.ts'
import { type PushSettings, type Subscription, settingsSchema } from './push-store.ts'

/** `PUT /api/push/subscriptions`: a `PushSubscription` of the browser as its `toJSON` gives it, and a name. */
export interface NewSubscriptionJson {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
  readonly expirationTime?: number | null | undefined
  readonly label?: string | undefined
}

/** Without what would let others send to the device. */
export interface SubscriptionJson {
  readonly id: string
  readonly label?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** Whose push service: the host of its endpoint. */
  readonly service: string
  /** It belongs to the login that asks. */
  readonly isMine: boolean
}

/** `PUT /api/push/looking`, every 30 s while somebody can see the page, and when that changes. */
export interface LookingJson {
  /** Random for each page. */
  readonly page: string
  /** What it shows; `null`: nothing, or nobody sees it. */
  readonly sessionId: string | null
}

export function newSubscriptionBody(allowsAny: boolean): z.ZodType<NewSubscriptionJson> {
  return z
    .strictObject({
      endpoint: z.string().superRefine((endpoint, context) => {
        const message = allowsAny ? undefined : endpointProblem(endpoint)
        if (message) context.addIssue({ code: 'custom', message })
      }),
      keys: z.object({
        p256dh: z.string().regex(/^B[\w-]{86}=?$/, 'is no key of a subscription'),
        auth: z.string().regex(/^[\w-]{22}(?:==)?$/, 'is no key of a subscription'),
      }),
      expirationTime: z.number().nullish(),
      label: z.string().trim().max(100).optional(),
    })
    .openapi('NewPushSubscription')
}

export const dropBody: z.ZodType<{ endpoint: string }> = z
  .strictObject({ endpoint: z.string() })
  .openapi('DropPushSubscription')

export const lookingBody: z.ZodType<LookingJson> = z
  .strictObject({
    page: z.string().regex(/^[\w-]{1,64}$/, 'write 1 to 64 letters and digits'),
    sessionId: z.string().max(64).nullable(),
  })
  .openapi('PushLooking')

export const subscriptionSchema: z.ZodType<SubscriptionJson> = z
  .object({
    id: z.string(),
    label: z.string().optional(),
    createdAt: z.iso.datetime(),
    service: z.string(),
    isMine: z.boolean(),
  })
  .openapi('PushSubscription')

export const pushSettings: z.ZodType<PushSettings> = settingsSchema.openapi('PushSettings')

export function describeSubscription(
  { id, label, createdAt, endpoint, loginId }: Subscription,
  asker: string,
): SubscriptionJson {
  return {
    ...{ id, createdAt, service: new URL(endpoint).host, isMine: loginId === asker },
    ...(label !== undefined && { label }),
  }
}
