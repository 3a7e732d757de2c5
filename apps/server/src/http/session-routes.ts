import { z } from '@hono/zod-openapi'
import { scopedInfo, scopeSees } from '../auth/scope.ts'
import { ServerError } from '../server-error.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import {
  createBody,
  json,
  problem,
  renameBody,
  sessionSchema,
  successSchema,
} from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { outputResponse } from './output-response.ts'
import { readBody } from './read-body.ts'

const params = z.object({ id: z.string() })

export function addSessionRoutes(app: App, directory: SessionDirectory): void {
  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions',
      summary: 'All sessions, oldest first',
      responses: { 200: json('The sessions', z.array(sessionSchema)), 401: problem },
    },
    (c) => {
      const { scope } = c.get('login')
      const seen = directory.list().filter(({ id }) => scopeSees(scope, id))
      return c.json(seen.map((session) => scopedInfo(scope, session)))
    },
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/sessions',
      summary: 'Start a session; without a body, the shell',
      request: { body: { content: { 'application/json': { schema: createBody } } } },
      responses: {
        201: json('Started', sessionSchema),
        400: problem,
        401: problem,
        409: problem,
        503: problem,
      },
    },
    async (c) => {
      const body = await readBody(c, createBody.optional())
      if (body.kind === 'bad') return body.answer
      return c.json(await directory.create(body.value ?? {}), 201)
    },
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions/{id}',
      summary: 'One session',
      request: { params },
      responses: { 200: json('The session', sessionSchema), 401: problem, 404: problem },
    },
    (c) => {
      const found = directory.get(idOf(c))
      if (!found) throw notFound(c)
      return c.json(scopedInfo(c.get('login').scope, found))
    },
  )

  documented(
    app,
    {
      method: 'put',
      path: '/api/sessions/{id}',
      summary: 'Rename a session',
      request: { params, body: { content: { 'application/json': { schema: renameBody } } } },
      responses: { 200: json('Renamed', successSchema), 400: problem, 401: problem, 404: problem },
    },
    async (c) => {
      const body = await readBody(c, renameBody)
      const name = body.kind === 'ok' ? body.value.name.trim() : ''
      if (name === '') return c.json({ error: 'name is required' }, 400)
      return c.json({ success: true, ...directory.rename(idOf(c), name) })
    },
  )

  documented(
    app,
    {
      method: 'delete',
      path: '/api/sessions/{id}',
      summary: 'End every process of a session and remove its history',
      request: { params },
      responses: { 200: json('Gone', successSchema), 401: problem, 404: problem, 503: problem },
    },
    async (c) => {
      await directory.remove(idOf(c))
      return c.json({ success: true })
    },
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/sessions/{id}/restore',
      summary:
        'Start a session again that ended with its host or its machine, under the same id and with its history',
      request: { params },
      responses: {
        200: json('It runs', sessionSchema),
        401: problem,
        404: problem,
        409: problem,
        503: problem,
      },
    },
    async (c) => c.json(await directory.restore(idOf(c))),
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/sessions/{id}/output',
      summary:
        'The kept output from an offset to another or to its present end, as the program wrote it',
      request: {
        params,
        query: z.object({ from: z.string().optional(), to: z.string().optional() }),
      },
      responses: {
        200: {
          description:
            'The bytes. X-Conductor-Offset is the offset of the first one: above `from`, the history’s cap has dropped what lay between. X-Conductor-End is the offset behind the last one.',
          content: { 'application/octet-stream': { schema: z.string() } },
        },
        400: problem,
        401: problem,
        404: problem,
      },
    },
    (c) => {
      const log = directory.logOf(idOf(c))
      if (!log) throw notFound(c)
      return outputResponse(c, log)
    },
  )
}

function idOf(c: AppContext): string {
  return c.req.param('id') ?? ''
}

function notFound(c: AppContext): ServerError {
  return new ServerError('SESSION_NOT_FOUND', `session ${idOf(c)} not found`)
}
