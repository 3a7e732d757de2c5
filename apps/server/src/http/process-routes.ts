import type { Asked, ProcessManager, ProcessSpec } from '@conductor/process-manager'
import { z } from '@hono/zod-openapi'
import { applySet, withServerDefaults } from '../processes/apply-set.ts'
import { membersOf } from '../processes/members.ts'
import { describeDeath, describeProcess, describeWhy } from '../processes/process-json.ts'
import { ServerError } from '../server-error.ts'
import { askedBy } from './actor.ts'
import { json, problem, successSchema } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'
import {
  deathSchema,
  namesBody,
  newProcessBody,
  processSchema,
  processSetBody,
  whySchema,
} from './process-schemas.ts'
import { readBody } from './read-body.ts'

export interface ProcessRoutesOptions {
  readonly manager: ProcessManager
  /** @throws ProcessManagerError `BAD_SPEC`. */
  readonly checkProcess: (spec: ProcessSpec) => void
  readonly onTrouble: (trouble: string, error: unknown) => void
}

const params = z.object({ name: z.string() })
const query = z.object({ wait: z.enum(['true', 'false']).optional() })
const processes = z.array(processSchema)
/** One process as itself; the replicas of one, or a group, as a list. */
const oneOrMany = z.union([processSchema, processes])

/** `/api/processes`: managed daemons. Their logs have a file of their own. */
export function addProcessRoutes(app: App, options: ProcessRoutesOptions): void {
  const { manager, checkProcess, onTrouble } = options
  const failures = { 400: problem, 401: problem, 404: problem, 409: problem }
  const waits = { ...failures, 502: problem, 503: problem, 504: problem }
  const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } })

  const list = () => manager.list().map(describeProcess)

  /** @throws ServerError `PROCESS_NOT_FOUND`. */
  function show(name: string): unknown {
    const [first, ...others] = membersOf(manager, name)
    if (!first) throw notFound(name)
    if (others.length === 0 && first.name === name) return describeProcess(first)
    return [first, ...others].map(describeProcess)
  }

  /**
   * Does `work` and answers with `shown`: when it is done, however long that takes, or at once where
   * the request says `?wait=false`. What fails then is in the processes' state, their tally and the log.
   */
  async function answerWith(
    c: AppContext,
    work: () => Promise<unknown>,
    shown: () => unknown,
    status: 200 | 201 = 200,
  ): Promise<Response> {
    if (c.req.query('wait') === 'false') {
      work().catch((error) => onTrouble(`${c.req.method} ${c.req.path}`, error))
      return c.json(shown(), 202)
    }
    // The time-outs of HTTP are not those of a daemon. Node sets its own again for the next request.
    c.env.incoming.socket.setTimeout(0)
    await work()
    return c.json(shown(), status)
  }

  documented(
    app,
    {
      method: 'get',
      path: '/api/processes',
      summary: 'All managed processes',
      responses: { 200: json('The processes', processes), 401: problem },
    },
    (c) => c.json(list()),
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/processes',
      summary: 'Add a process and, unless `start` is false, start it and wait until it is ready',
      request: { query, body: body(newProcessBody) },
      responses: { 201: json('Added', oneOrMany), 202: json('Added', oneOrMany), ...waits },
    },
    async (c) => {
      const read = await readBody(c, newProcessBody)
      if (read.kind === 'bad') return badSpec(read.answer)
      const { start = true, ...rest } = read.value
      // The manager refuses what is none.
      const spec = rest as unknown as ProcessSpec
      if (membersOf(manager, spec.name).length > 0)
        throw new ServerError(
          'PROCESS_EXISTS',
          `there is a process or group ${spec.name}: PUT /api/processes changes it`,
        )
      await manager.add(withServerDefaults(spec))
      const work = async () => start && manager.start(spec.name)
      return answerWith(c, work, () => show(spec.name), 201)
    },
  )

  documented(
    app,
    {
      method: 'put',
      path: '/api/processes',
      summary:
        'Add these, redefine those that changed, leave all others alone; then start in order and wait until ready',
      request: { query, body: body(processSetBody) },
      responses: { 200: json('All processes', processes), 202: json('Begun', processes), ...waits },
    },
    async (c) => {
      const read = await readBody(c, processSetBody)
      if (read.kind === 'bad') return badSpec(read.answer)
      const { processes: specs, groups = {}, start } = read.value
      for (const spec of specs) checkProcess(spec)
      // `up` of no names would be all that there are.
      const wanted = start ?? specs.map(({ name }) => name)
      const work = async () => {
        const stopped = await applySet(manager, specs, groups, askedBy(c))
        const names = [...new Set([...wanted, ...stopped])]
        if (names.length > 0) await manager.up(names)
      }
      return answerWith(c, work, list)
    },
  )

  for (const verb of ['up', 'down'] as const)
    documented(
      app,
      {
        method: 'post',
        path: `/api/processes/${verb}`,
        summary: {
          up: 'Start these, or all, after what they depend on; wait until all are ready',
          down: 'Stop these, or all, after what depends on them; wait until all are gone',
        }[verb],
        request: { query, body: body(namesBody) },
        responses: {
          200: json('All processes', processes),
          202: json('Begun', processes),
          ...waits,
        },
      },
      async (c) => {
        const read = await readBody(c, namesBody.optional())
        if (read.kind === 'bad') return read.answer
        const names = read.value?.names
        for (const name of names ?? []) show(name)
        return answerWith(c, () => manager[verb](names, askedBy(c)), list)
      },
    )

  const verbs = {
    start: (name: string) => manager.start(name),
    // Alone, where `down` takes along what depends on them.
    stop: (name: string, asked: Asked) =>
      Promise.all(membersOf(manager, name).map((each) => manager.stopProcess(each.name, asked))),
    restart: (name: string, asked: Asked) => manager.restart(name, asked),
  }
  for (const [verb, run] of Object.entries(verbs))
    documented(
      app,
      {
        method: 'post',
        path: `/api/processes/{name}/${verb}`,
        summary: `${verb} a process, one replica or a group, and wait until that is done`,
        request: { params, query },
        responses: { 200: json('Done', oneOrMany), 202: json('Begun', oneOrMany), ...waits },
      },
      (c) => {
        const name = nameOf(c)
        show(name)
        return answerWith(
          c,
          () => run(name, askedBy(c)),
          () => show(name),
        )
      },
    )

  documented(
    app,
    {
      method: 'get',
      path: '/api/processes/{name}',
      summary: 'One process; a list for a group, or for several replicas',
      request: { params },
      responses: { 200: json('The process', oneOrMany), 401: problem, 404: problem },
    },
    (c) => c.json(show(nameOf(c))),
  )

  documented(
    app,
    {
      method: 'delete',
      path: '/api/processes/{name}',
      summary: 'Stop a process and remove it with its logs',
      request: { params },
      responses: { 200: json('Gone', successSchema), ...waits },
    },
    (c) => {
      const name = nameOf(c)
      show(name)
      return answerWith(
        c,
        () => manager.remove(name, askedBy(c)),
        () => ({ success: true }),
      )
    },
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/processes/{name}/why',
      summary: 'Why a process is as it is',
      request: { params },
      responses: { 200: json('The reasons', whySchema), 401: problem, 404: problem },
    },
    (c) => c.json(describeWhy(manager.why(nameOf(c)))),
  )

  documented(
    app,
    {
      method: 'get',
      path: '/api/processes/{name}/deaths',
      summary: 'How a process ended, who asked for it and what followed, oldest first',
      request: { params },
      responses: { 200: json('The tally', z.array(deathSchema)), 401: problem, 404: problem },
    },
    (c) => c.json(manager.deaths(nameOf(c)).map(describeDeath)),
  )
}

/** The name in the path, with its `%40` as `@`. */
export function nameOf(c: AppContext): string {
  return c.req.param('name') ?? ''
}

export function notFound(name: string): ServerError {
  return new ServerError('PROCESS_NOT_FOUND', `there is no process or group ${name}`)
}

/** One code for every spec that is none, whoever found out. */
async function badSpec(answer: Response): Promise<Response> {
  const { code: _, ...found } = (await answer.json()) as { readonly code: string }
  return Response.json({ ...found, code: 'BAD_SPEC' }, { status: 400 })
}
