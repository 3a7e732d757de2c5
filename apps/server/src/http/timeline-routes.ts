import type { Clock } from '@conductor/machine'
import { z } from '@hono/zod-openapi'
import { ServerError } from '../server-error.ts'
import { asciicast } from '../sessions/asciicast.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { type Timeline, timelineOf } from '../sessions/timeline.ts'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'
import { historyOf } from './history-of.ts'
import { linesResponse } from './lines-response.ts'
import { offsetParam } from './offset-param.ts'

/** More than a scrubber has pixels. */
const MOST_POINTS = 2_000

const points = z.coerce.number().int().min(1).max(MOST_POINTS).default(500)

const place = { timeMs: z.number(), offset: z.int() }
const timelineSchema: z.ZodType<Timeline> = z
  .object({
    epoch: z.string(),
    start: z.int(),
    end: z.int(),
    startMs: z.number().optional(),
    endMs: z.number().optional(),
    points: z.array(z.object(place)),
    resizes: z.array(z.object({ ...place, cols: z.int(), rows: z.int() })),
    inputs: z.array(z.number()),
    markers: z.array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('exit'),
          ...place,
          code: z.int().optional(),
          signal: z.string().optional(),
        }),
        z.object({ type: z.literal('restart'), ...place }),
      ]),
    ),
    gaps: z.array(z.object({ from: z.int(), to: z.int() })),
  })
  .openapi('Timeline')

export interface TimelineRoutesOptions {
  readonly directory: SessionDirectory
  readonly clock: Clock
}

/** `/api/sessions/{id}/timeline` and `…/replay`: for a page that goes back in time. */
export function addTimelineRoutes(app: App, { directory, clock }: TimelineRoutesOptions): void {
  const params = z.object({ id: z.string() })

  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions/{id}/timeline',
      summary: 'When a session said how much, for a scrubber',
      description:
        'Dates in milliseconds since 1970, with the offsets that had been reached. At most `points` of each, the latest of its slice of time; `points` is 1 to 2000, by default 500.',
      request: { params, query: z.object({ points: z.string().optional() }) },
      responses: {
        200: json('The timeline, up to its present end', timelineSchema),
        400: problem,
        401: problem,
        404: problem,
      },
    },
    async (c) => {
      const asked = points.safeParse(c.req.query('points'))
      if (!asked.success)
        throw new ServerError('BAD_FIELD', `points: write a whole number, 1 to ${MOST_POINTS}`, {
          field: 'points',
        })
      const { history } = historyOf(directory, c.req.param('id') ?? '')
      try {
        return c.json(await timelineOf(history, asked.data, clock))
      } finally {
        history.close()
      }
    },
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions/{id}/replay',
      summary: 'A range of what a session said, with its times',
      description:
        'Lines of JSON as in asciicast v2, each event with its offset as a fourth entry. The header says `startMs`, the date of time 0, the terminal’s size at `from`, and the range; above the `from` that was asked for, the history’s cap has dropped what lay between.',
      request: {
        params,
        query: z.object({ from: z.string().optional(), to: z.string().optional() }),
      },
      responses: {
        200: {
          description: 'The header, then an event a line',
          content: { 'application/x-ndjson': { schema: z.string() } },
        },
        400: problem,
        401: problem,
        404: problem,
      },
    },
    (c) => {
      const [from, to] = [offsetParam(c, 'from'), offsetParam(c, 'to')]
      const { session, history } = historyOf(directory, c.req.param('id') ?? '')
      const lines = asciicast({ format: 'replay', history, title: session.name, from, to })
      return linesResponse(c, lines, { 'Content-Type': 'application/x-ndjson' })
    },
  )
}
