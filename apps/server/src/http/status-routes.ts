import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiskJson, ServerStatusJson } from '@conductor/api-types'
import { checkHeartbeat } from '@conductor/health'
import type { Clock } from '@conductor/machine'
import { z } from '@hono/zod-openapi'
import { json, problem } from './api-schemas.ts'
import { type App, documented } from './documented.ts'

export interface StatusRoutesOptions {
  readonly dataDir: string
  readonly stateDir: string
  readonly pid: number
  readonly clock: Clock
}

const statusSchema = z
  .object({
    pid: z.int(),
    startedAt: z.iso.datetime(),
    nodeVersion: z.string(),
    heartbeat: z.object({
      healthy: z.boolean(),
      message: z.string(),
      lastAt: z.iso.datetime().optional(),
    }),
    disk: z.object({ path: z.string(), freeBytes: z.int(), totalBytes: z.int() }).optional(),
  })
  .openapi('ServerStatus')

/** `/api/status`: what a person wants to know of the server when something seems wrong with it. */
export function addStatusRoutes(app: App, options: StatusRoutesOptions): void {
  const { dataDir, stateDir, pid, clock } = options
  const startedAt = new Date(clock.date()).toISOString()

  documented(
    app,
    {
      method: 'get',
      path: '/api/status',
      summary: 'Versions, the heartbeat and the room on disk',
      responses: { 200: json('The status', statusSchema), 401: problem },
    },
    async (c) => {
      const beat = await checkHeartbeat(join(stateDir, 'daemon.heartbeat'))
      const status: ServerStatusJson = {
        pid,
        startedAt,
        nodeVersion: process.versions.node,
        heartbeat: {
          healthy: beat.healthy,
          message: beat.message,
          lastAt: beat.last_heartbeat,
        },
        disk: await diskOf(dataDir),
      }
      return c.json(status)
    },
  )
}

/** @returns `undefined` where that cannot be told: no reason to tell nothing at all. */
async function diskOf(path: string): Promise<DiskJson | undefined> {
  try {
    const { bsize, bavail, blocks } = await statfs(path)
    return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return undefined
  }
}
