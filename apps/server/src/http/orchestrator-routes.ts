import { z } from '@hono/zod-openapi'
import { createOrchestrators } from '../sessions/orchestrators.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { json, orchestratorBody, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { readBody } from './read-body.ts'

const answer = z.object({
  orchestrator: z.object({ id: z.string(), projectId: z.string() }),
})

/** `/api/orchestrators`. */
export function addOrchestratorRoutes(app: App, directory: SessionDirectory): void {
  const orchestrators = createOrchestrators(directory)

  documented(
    app,
    {
      method: 'post',
      path: '/api/orchestrators',
      summary: 'The orchestrator of a project: the one that lives, or a new one',
      description:
        'Idempotent: whoever asks, and however many at once, gets the one that lives. With `clean`, a new one takes its place. Without an agent or a command it is a shell.',
      request: { body: { content: { 'application/json': { schema: orchestratorBody } } } },
      responses: { 201: json('It lives', answer), 400: problem, 401: problem, 503: problem },
    },
    async (c) => {
      const read = await readBody(c, orchestratorBody)
      if (read.kind === 'bad') return read.answer
      const { id } = await orchestrators.ensure(read.value)
      return c.json({ orchestrator: { id, projectId: read.value.projectId } }, 201)
    },
  )
}
