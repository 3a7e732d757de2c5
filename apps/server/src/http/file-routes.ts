import { z } from '@hono/zod-openapi'
import { asShortage } from '../server-error.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { createSessionFiles } from '../uploads/session-files.ts'
import { json, problem } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { isDriver, refuseViewer } from './driver-guard.ts'

export interface FileRoutesOptions {
  readonly directory: SessionDirectory
  readonly uploadBytes: number
}

/** Such a request has limits of its own, of size and of time. `path` may begin with the base path. */
export function isUpload(method: string, path: string): boolean {
  return method === 'POST' && /\/api\/sessions\/[^/]+\/files$/.test(path)
}

/** `/api/sessions/{id}/files`: what people hand to a session's program, as a picture to an agent. */
export function addFileRoutes(app: App, { directory, uploadBytes }: FileRoutesOptions): void {
  const files = createSessionFiles({ mostFileBytes: uploadBytes })

  documented(
    app,
    {
      method: 'post',
      path: '/api/sessions/{id}/files',
      summary: 'Give a file to a session: it is saved in its folder, and goes with it',
      description:
        'The body is the file. It gets a name like `name`, with a number where that is taken, of letters, digits and ._-+@=, alone: its path needs no quotes in a shell.',
      request: {
        params: z.object({ id: z.string() }),
        query: z.object({ name: z.string().optional() }),
        body: { content: { 'application/octet-stream': { schema: z.string() } } },
      },
      responses: {
        201: json(
          'Saved, at an absolute path',
          z.object({ path: z.string(), name: z.string(), sizeBytes: z.int() }),
        ),
        401: problem,
        403: problem,
        404: problem,
        413: problem,
        507: problem,
      },
    },
    async (c) => {
      const id = c.req.param('id') ?? ''
      const dir = directory.folderOf(id)
      if (!isDriver(c, id)) return refuseViewer(c)
      const name = c.req.query('name') ?? ''
      const length = c.req.header('content-length')
      try {
        const saved = await files.save(dir, name, bodyOf(c), Number(length) || 0)
        return c.json(saved, 201)
      } catch (error) {
        const shortage = asShortage(error)
        if (shortage?.code !== 'NO_SPACE') throw error
        return c.json({ error: shortage.text, code: shortage.code }, 507)
      }
    },
  )
}

async function* bodyOf(c: AppContext): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = c.req.raw.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
