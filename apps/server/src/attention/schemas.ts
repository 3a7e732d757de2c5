import { z } from '@hono/zod-openapi'
import type { Attention } from './attention.ts'
import type { AttentionSource, Told } from './machine.ts'

const SOURCES = [
  'start',
  'input',
  'output',
  'silence',
  'bell',
  'notification',
  'command',
  'hook',
  'exit',
] as const satisfies readonly AttentionSource[]

const told = z.enum(['working', 'waiting', 'done', 'failed'])

export const attentionSchema: z.ZodType<Attention> = z
  .object({
    state: z.union([z.literal('none'), told]),
    since: z.iso.datetime(),
    source: z.enum(SOURCES),
    text: z.string().optional(),
  })
  // zod says `string | undefined` where the type says that an absent text is absent.
  .openapi('Attention') as unknown as z.ZodType<Attention>

/** `POST /api/sessions/{id}/attention` */
export interface ReportJson {
  readonly state: Told
  readonly text?: string | undefined
}

export const reportBody: z.ZodType<ReportJson> = z
  .strictObject({
    state: z.enum(
      ['working', 'waiting', 'done', 'failed'],
      'write working, waiting, done or failed',
    ),
    text: z.string().max(10_000).optional(),
  })
  .openapi('AttentionReport')
