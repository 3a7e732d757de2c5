import { z } from '@hono/zod-openapi'
import type { ViewMode } from '../auth/scope.ts'
import type { Share } from './share-store.ts'

/** `POST /api/sessions/{id}/shares` */
export interface NewShareJson {
  readonly mode: ViewMode
  /** Default: 3,600; at most 30 days. */
  readonly expiresInSeconds?: number | undefined
  /** For whom it is: shown beside whoever comes by it. */
  readonly label?: string | undefined
}

/** `GET /api/shares` */
export interface ShareJson {
  readonly id: string
  readonly sessionId: string
  readonly mode: ViewMode
  readonly label?: string | undefined
  /** For a person: how whoever made it had come in, and from where. */
  readonly madeBy?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly expiresAt: string
}

/** A new one, with the only copy of its secret, behind the `#` of `url`. */
export interface MadeShareJson extends ShareJson {
  readonly url: string
}

/** `POST /api/shares/claim` */
export interface ClaimedShareJson {
  readonly share: ShareJson
  /** Opens what the share opens. Its cookie has it too. */
  readonly token: string
}

export const LONGEST_SHARE_SECONDS: number = 30 * 86_400

export const newShareBody: z.ZodType<NewShareJson> = z
  .strictObject({
    mode: z.enum(['viewer', 'driver'], 'write viewer or driver'),
    expiresInSeconds: z
      .int('write a whole number')
      .min(1, 'write 1 or more')
      .max(LONGEST_SHARE_SECONDS, `write ${LONGEST_SHARE_SECONDS} (30 days) or less`)
      .optional(),
    label: z
      .string()
      .trim()
      .max(100)
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'may not hold control characters')
      .optional(),
  })
  .openapi('NewShare')

export const claimBody: z.ZodType<{ secret: string }> = z
  .strictObject({ secret: z.string().max(200) })
  .openapi('ClaimShare')

const share = z.object({
  id: z.string(),
  sessionId: z.string(),
  mode: z.enum(['viewer', 'driver']),
  label: z.string().optional(),
  madeBy: z.string().optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

export const shareSchema: z.ZodType<ShareJson> = share.openapi('Share')
export const madeShareSchema: z.ZodType<MadeShareJson> = share
  .extend({ url: z.string() })
  .openapi('MadeShare')
export const claimedShareSchema: z.ZodType<ClaimedShareJson> = z
  .object({ share: shareSchema, token: z.string() })
  .openapi('ClaimedShare')

export function describeShare({ createdAt, expiresAt, ...share }: Share): ShareJson {
  const date = (ms: number): string => new Date(ms).toISOString()
  return { ...share, createdAt: date(createdAt), expiresAt: date(expiresAt) }
}
