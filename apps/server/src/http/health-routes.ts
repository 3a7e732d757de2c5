import { type Health, healthResponse } from '@conductor/health'
import { z } from '@hono/zod-openapi'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { requireLoopback } from './guards.ts'

/** The three questions that Kubernetes asks, and which checks they are about. */
const QUESTIONS = { livez: 'live', readyz: 'ready', startupz: 'startup' } as const

/** `/api/health`, `/healthz`, and the three questions that Kubernetes asks. */
export function addHealthRoutes(app: App, health: Health, pid: number): void {
  documented(
    app,
    {
      method: 'get',
      path: '/api/health',
      summary: 'Whether the server answers',
      responses: { 200: json('It does', z.object({ status: z.literal('ok') })) },
    },
    (c) => c.json({ status: 'ok' }),
  )

  const identity = z.object({ status: z.string(), service: z.string(), pid: z.int() })
  app.use('/healthz', requireLoopback())
  documented(
    app,
    {
      method: 'get',
      path: '/healthz',
      summary: 'Who answers here, to check a run-file; only from this machine',
      responses: { 200: json('Identity', identity), 403: problem },
    },
    (c) => c.json({ status: 'ok', service: 'conductor', pid }),
  )

  for (const [question, kind] of Object.entries(QUESTIONS))
    documented(
      app,
      {
        method: 'get',
        path: `/${question}`,
        summary: `Whether the server is ${question.slice(0, -1)}`,
        request: {
          query: z.object({ verbose: z.string().optional(), exclude: z.string().optional() }),
        },
        responses: { 200: { description: 'Yes' }, 503: { description: 'No, and which check' } },
      },
      (c) => healthResponse(health, kind, c.req.raw),
    )
}
