import { z } from '@hono/zod-openapi'
import { type AuditLog, auditFact } from '../audit/audit-log.ts'
import { ServerError } from '../server-error.ts'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'

const query = z.object({
  before: z
    .string()
    .regex(/^\d{1,15}$/, 'write the id of a fact')
    .transform(Number)
    .optional(),
  session: z.string().optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'write a number from 1 to 1000')
    .transform(Number)
    .pipe(z.number().min(1, 'write 1 or more').max(1_000, 'write 1000 or less'))
    .default(100),
})

const facts: z.ZodType = z.array(auditFact).openapi('AuditFacts')

/** `/api/audit`: who did what, newest first. */
export function addAuditRoutes(app: App, { audit }: { readonly audit: AuditLog }): void {
  documented(
    app,
    {
      method: 'get',
      path: '/api/audit',
      summary: 'Who did what, newest first; `before` is the id of the oldest fact known so far',
      request: {
        query: z.object({
          before: z.string().optional(),
          session: z.string().optional(),
          limit: z.string().optional(),
        }),
      },
      responses: { 200: json('Facts', facts), 400: problem, 401: problem },
    },
    async (c) => {
      const asked = query.safeParse(c.req.query())
      if (!asked.success) {
        const [issue] = asked.error.issues
        const field = String(issue?.path[0] ?? '')
        throw new ServerError('BAD_FIELD', `${field}: ${issue?.message}`, { field })
      }
      return c.json(await audit.query(asked.data))
    },
  )
}
