import { z } from '@hono/zod-openapi'
import type { Attentions } from '../attention/attention.ts'
import { attentionSchema, reportBody } from '../attention/schemas.ts'
import { ServerError } from '../server-error.ts'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { readBody } from './read-body.ts'

export interface AttentionRoutesOptions {
  readonly attentions: Attentions
}

/** `/api/sessions/{id}/attention`: what a program says of itself, through its hooks. */
export function addAttentionRoutes(app: App, { attentions }: AttentionRoutesOptions): void {
  documented(
    app,
    {
      method: 'post',
      path: '/api/sessions/{id}/attention',
      summary: 'A program says that it works, waits for somebody, is done, or has failed',
      description:
        'With the token in the file that CONDUCTOR_NOTIFY_FILE names, which opens nothing else, or with a login.',
      request: {
        params: z.object({ id: z.string() }),
        body: { content: { 'application/json': { schema: reportBody } } },
      },
      responses: {
        200: json('Noted', attentionSchema),
        400: problem,
        401: problem,
        403: problem,
        404: problem,
      },
    },
    async (c) => {
      const id = c.req.param('id') ?? ''
      const body = await readBody(c, reportBody)
      if (body.kind === 'bad') return body.answer
      if (!attentions.report(id, body.value))
        throw new ServerError('SESSION_NOT_FOUND', `session ${id} not found`)
      return c.json(attentions.get(id))
    },
  )
}
