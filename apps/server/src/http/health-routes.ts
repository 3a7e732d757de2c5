import { z } from '@hono/zod-openapi'
import { json, problem } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { requireLoopback } from './guards.ts'

/** Something that must hold for the server to be alive, ready or started. */
export interface HealthCheck {
  readonly name: string
  /** Which of the three questions it belongs to. */
  readonly asked: readonly ('livez' | 'readyz' | 'startupz')[]
  readonly holds: () => boolean
}

/** `/api/health`, `/healthz`, and the three questions that Kubernetes asks. */
export function addHealthRoutes(app: App, checks: readonly HealthCheck[], pid: number): void {
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

  for (const question of ['livez', 'readyz', 'startupz'] as const) {
    const asked = checks.filter((check) => check.asked.includes(question))
    documented(
      app,
      {
        method: 'get',
        path: `/${question}`,
        summary: `Whether the server is ${question.slice(0, -1)}`,
        request: {
          query: z.object({ verbose: z.string().optional(), exclude: z.string().optional() }),
        },
        responses: { 200: { description: 'Yes' }, 503: { description: 'No, and why' } },
      },
      (c) => answer(c, question, asked),
    )
  }
}

/** @see https://kubernetes.io/docs/reference/using-api/health-checks/ for the form */
function answer(c: AppContext, question: string, checks: readonly HealthCheck[]): Response {
  const excluded = new Set(c.req.queries('exclude') ?? [])
  const lines: string[] = []
  let healthy = true
  for (const { name, holds } of checks) {
    if (excluded.has(name)) {
      lines.push(`[+]${name} excluded: ok`)
      continue
    }
    const ok = holds()
    healthy &&= ok
    lines.push(ok ? `[+]${name} ok` : `[-]${name} failed`)
  }
  const verdict = `${question} check ${healthy ? 'passed' : 'failed'}`
  c.header('Cache-Control', 'no-store')
  if (healthy && c.req.query('verbose') === undefined) return c.text('ok')
  return c.text(`${[...lines, verdict].join('\n')}\n`, healthy ? 200 : 503)
}
