import type { Clock } from '@conductor/machine'
import { z } from '@hono/zod-openapi'
import type { AuditLog } from '../audit/audit-log.ts'
import { actorOf } from '../audit/audited-requests.ts'
import { addressKey, type LockOut } from '../auth/lock-out.ts'
import type { OriginPolicy } from '../auth/origin-policy.ts'
import { ServerError } from '../server-error.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import {
  claimBody,
  claimedShareSchema,
  describeShare,
  madeShareSchema,
  newShareBody,
  shareSchema,
} from '../shares/schemas.ts'
import type { ShareStore } from '../shares/share-store.ts'
import { json, problem } from './api-schemas.ts'
import { type AppContext, addressOf } from './app-env.ts'
import { keepCookie, readCookies } from './cookies.ts'
import { type App, documented } from './documented.ts'
import { SHARE_COOKIE } from './guards.ts'
import { readBody } from './read-body.ts'

/** An hour: a link that is forgotten does little harm. */
const DEFAULT_SECONDS = 3_600

export interface ShareRoutesOptions {
  readonly shares: ShareStore
  /** Of wrong secrets. */
  readonly shareLockOut: LockOut
  readonly audit: AuditLog
  readonly directory: SessionDirectory
  readonly origins: OriginPolicy
  readonly allowedOrigins: readonly string[]
  readonly clock: Clock
}

/** Links that open one session, for a while. */
export function addShareRoutes(app: App, options: ShareRoutesOptions): void {
  const { shares, shareLockOut, audit, directory, clock } = options
  const params = z.object({ id: z.string() })

  documented(
    app,
    {
      method: 'post',
      path: '/api/sessions/{id}/shares',
      summary: 'Make a link that opens this session, and nothing else, until it expires',
      description:
        'The secret stands behind the # of the url, which no browser sends to a server, and is told this once.',
      request: {
        params,
        body: { content: { 'application/json': { schema: newShareBody } } },
      },
      responses: { 201: json('Made', madeShareSchema), 400: problem, 401: problem, 404: problem },
    },
    async (c) => {
      const sessionId = c.req.param('id') ?? ''
      if (!directory.get(sessionId))
        throw new ServerError('SESSION_NOT_FOUND', `session ${sessionId} not found`)
      const body = await readBody(c, newShareBody)
      if (body.kind === 'bad') return body.answer
      const { mode, expiresInSeconds = DEFAULT_SECONDS, label } = body.value
      const { share, secret } = shares.create({
        sessionId,
        mode,
        expiresInMs: expiresInSeconds * 1_000,
        madeBy: makerOf(c),
        ...(label && { label }),
      })
      audit.note({
        type: 'share.made',
        ...actorOf(c),
        session: sessionId,
        share: share.id,
        text: `${mode}, for ${expiresInSeconds} s`,
      })
      const url = `${originOf(c, options)}${c.get('basePath')}/share#${secret}`
      return c.json({ ...describeShare(share), url }, 201)
    },
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/shares',
      summary: 'The links that still open something, oldest first',
      request: { query: z.object({ session: z.string().optional() }) },
      responses: { 200: json('The links', z.array(shareSchema)), 401: problem },
    },
    (c) => c.json(shares.list(c.req.query('session')).map(describeShare)),
  )

  documented(
    app,
    {
      method: 'delete',
      path: '/api/shares/{id}',
      summary: 'Revoke a link: whoever came by it is out at once',
      request: { params },
      responses: { 204: { description: 'Revoked' }, 401: problem, 404: problem },
    },
    (c) => {
      const share = shares.revoke(c.req.param('id') ?? '')
      if (!share) return c.json({ error: 'there is no such share', code: 'SHARE_NOT_FOUND' }, 404)
      const { id, sessionId } = share
      audit.note({ type: 'share.revoked', ...actorOf(c), session: sessionId, share: id })
      return c.body(null, 204)
    },
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/shares/claim',
      summary: 'Trade the secret of a link for a token, and a cookie, that open its session alone',
      description:
        'The cookie counts only in requests with ?share=<id>, where a whole login of the same browser does not.',
      request: { body: { content: { 'application/json': { schema: claimBody } } } },
      responses: {
        200: json('Claimed', claimedShareSchema),
        400: problem,
        401: problem,
        429: problem,
      },
    },
    async (c) => {
      const body = await readBody(c, claimBody)
      if (body.kind === 'bad') return c.json({ error: 'invalid request' }, 400)
      const address = addressOf(c)
      const key = addressKey(address)
      const waitMs = shareLockOut.waitMs(key)
      if (waitMs > 0) {
        const seconds = Math.ceil(waitMs / 1_000)
        c.header('Retry-After', String(seconds))
        const error = `too many wrong links: try again in ${seconds} s`
        return c.json({ error, code: 'LOCKED_OUT' }, 429)
      }
      const { secret } = body.value
      const claimed = shares.claim(secret, (share) => readCookies(c, SHARE_COOKIE + share.id))
      if (!claimed) {
        shareLockOut.failed(key)
        audit.note({ type: 'share.wrong', address })
        return c.json({ error: 'this link opens nothing, or no longer', code: 'NO_SHARE' }, 401)
      }
      const { share, token, isNew } = claimed
      if (isNew) {
        const { id, sessionId: session, label: text } = share
        audit.note({ type: 'share.claimed', via: `share:${id}`, address, session, share: id, text })
      }
      const secure = c.req.header('origin')?.startsWith('https:') ?? false
      const maxAgeSeconds = Math.max(Math.floor((share.expiresAt - clock.date()) / 1_000), 1)
      keepCookie(c, SHARE_COOKIE + share.id, token, { secure, maxAgeSeconds })
      // A guest does not learn where others sit.
      const { madeBy: _, ...shown } = describeShare(share)
      return c.json({ share: shown, token })
    },
  )
}

/** As in `the command line`, `a login from 192.0.2.7`. */
function makerOf(c: AppContext): string {
  const { via, address } = actorOf(c)
  const who = via === 'cli' ? 'the command line' : 'a login'
  return address ? `${who} from ${address}` : who
}

/** Where the people are who will open the link: as the page says, else as this request came. */
function originOf(c: AppContext, { origins, allowedOrigins }: ShareRoutesOptions): string {
  const origin = c.req.header('origin')
  if (origin !== undefined && origins.allowsOrigin(origin)) return origin
  const host = c.req.header('host') ?? ''
  return allowedOrigins.find((each) => new URL(each).host === host) ?? `http://${host}`
}
