import type { Clock } from '@conductor/machine'
import { z } from '@hono/zod-openapi'
import type { PushStore } from '../push/push-store.ts'
import type { Pusher } from '../push/pusher.ts'
import {
  describeSubscription,
  dropBody,
  lookingBody,
  newSubscriptionBody,
  pushSettings,
  subscriptionSchema,
} from '../push/schemas.ts'
import type { Vapid } from '../push/vapid.ts'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { readBody } from './read-body.ts'

export interface PushRoutesOptions {
  readonly vapid: Vapid
  readonly pushStore: PushStore
  readonly pusher: Pusher
  /** Endpoints within the machine's own networks too. For tests. */
  readonly allowsPrivatePush?: boolean | undefined
  readonly clock: Clock
}

/** `/api/push`: which devices are told that a session waits, and when. */
export function addPushRoutes(app: App, options: PushRoutesOptions): void {
  const { vapid, pushStore, pusher, allowsPrivatePush = false, clock } = options
  const newBody = newSubscriptionBody(allowsPrivatePush)
  const takes = (schema: z.ZodType) => ({
    request: { body: { content: { 'application/json': { schema } } } },
  })

  documented(
    app,
    {
      method: 'get',
      path: '/api/push/key',
      summary: 'The key that a browser subscribes to, for applicationServerKey',
      responses: { 200: json('The key', z.object({ key: z.string() })), 401: problem },
    },
    (c) => c.json({ key: vapid.publicKey }),
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/push/subscriptions',
      summary: 'The devices that are told',
      responses: { 200: json('The devices', z.array(subscriptionSchema)), 401: problem },
    },
    (c) =>
      c.json(pushStore.subscriptions.map((each) => describeSubscription(each, c.get('login').id))),
  )

  documented(
    app,
    {
      method: 'put',
      path: '/api/push/subscriptions',
      summary:
        'Tell this device too; again for the same endpoint, it takes the place of what was there',
      ...takes(newBody),
      responses: { 200: json('It will be told', subscriptionSchema), 400: problem, 401: problem },
    },
    async (c) => {
      const body = await readBody(c, newBody)
      if (body.kind === 'bad') return body.answer
      const { endpoint, keys, label } = body.value
      const loginId = c.get('login').id
      const subscription = pushStore.put({
        ...{ endpoint, loginId, createdAt: new Date(clock.date()).toISOString() },
        keys: { p256dh: keys.p256dh, auth: keys.auth },
        ...(label && { label }),
      })
      return c.json(describeSubscription(subscription, loginId))
    },
  )

  documented(
    app,
    {
      method: 'delete',
      path: '/api/push/subscriptions',
      summary: 'Tell this device no more',
      ...takes(dropBody),
      responses: { 204: { description: 'Gone' }, 400: problem, 401: problem, 404: problem },
    },
    async (c) => {
      const body = await readBody(c, dropBody)
      if (body.kind === 'bad') return body.answer
      if (pushStore.remove(body.value.endpoint)) return c.body(null, 204)
      return c.json({ error: 'there is no such subscription', code: 'PUSH_NOT_FOUND' }, 404)
    },
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/push/settings',
      summary: 'About what, and when, devices are told',
      responses: { 200: json('The settings', pushSettings), 401: problem },
    },
    (c) => c.json(pushStore.settings),
  )

  documented(
    app,
    {
      method: 'put',
      path: '/api/push/settings',
      summary: 'Say about what, and when, devices are told: the whole of it',
      ...takes(pushSettings),
      responses: { 200: json('The settings', pushSettings), 400: problem, 401: problem },
    },
    async (c) => {
      const body = await readBody(c, pushSettings)
      if (body.kind === 'bad') return body.answer
      pushStore.settings = body.value
      return c.json(pushStore.settings)
    },
  )

  documented(
    app,
    {
      method: 'put',
      path: '/api/push/looking',
      summary: 'This page shows a session to somebody who can see it, for the next 45 s',
      ...takes(lookingBody),
      responses: {
        204: { description: 'Nobody is told about that session' },
        400: problem,
        401: problem,
      },
    },
    async (c) => {
      const body = await readBody(c, lookingBody)
      if (body.kind === 'bad') return body.answer
      pusher.looking(body.value.page, body.value.sessionId ?? undefined)
      return c.body(null, 204)
    },
  )
}
