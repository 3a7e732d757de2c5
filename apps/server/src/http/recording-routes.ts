import { z } from '@hono/zod-openapi'
import { ServerError } from '../server-error.ts'
import { ASCIICAST_FORMATS, asciicast } from '../sessions/asciicast.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { historyOf } from './history-of.ts'
import { linesResponse } from './lines-response.ts'

const format = z.enum(ASCIICAST_FORMATS).default('asciicast-v2')

/** `/api/sessions/{id}/recording`. */
export function addRecordingRoutes(app: App, directory: SessionDirectory): void {
  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions/{id}/recording',
      summary: 'All that is kept of a session as an asciicast, which asciinema plays',
      description:
        'Up to its present end. Times are to the millisecond; bytes that are no UTF-8 are replaced; what was typed is not in it.',
      request: { params: z.object({ id: z.string() }), query: z.object({ format }) },
      responses: {
        200: {
          description: 'The recording: a line of JSON for each event',
          content: { 'application/x-asciicast': { schema: z.string() } },
        },
        400: problem,
        401: problem,
        404: problem,
      },
    },
    (c) => {
      const id = c.req.param('id') ?? ''
      const asked = format.safeParse(c.req.query('format'))
      if (!asked.success)
        throw new ServerError('BAD_FIELD', `format: write ${ASCIICAST_FORMATS.join(' or ')}`, {
          field: 'format',
        })
      const { session, history } = historyOf(directory, id)
      const lines = asciicast({ format: asked.data, history, title: session.name })
      return linesResponse(c, lines, {
        'Content-Type': 'application/x-asciicast',
        'Content-Disposition': `attachment; filename="${id}.cast"`,
      })
    },
  )
}
