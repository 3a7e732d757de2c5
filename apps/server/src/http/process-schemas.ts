import type { GroupSpec, ProcessSpec } from '@conductor/process-manager'
import { z } from '@hono/zod-openapi'

const name = z.string('write the name of the process')

/**
 * Only what routes look at themselves: the manager checks a spec whole, and names each field that is
 * wrong and what to write in its place.
 */
const spec = z.looseObject({ name, command: z.string('write a program').optional() }).openapi({
  description:
    'name, command, args, cwd, env, ready, liveness, readiness, stop, restart, dependsOn, groups, replicas, minReady, logs, limits, outlive: as in a processes file',
})

export const newProcessBody: z.ZodType<Record<string, unknown> & { start?: boolean | undefined }> =
  spec.extend({ start: z.boolean('write true or false').optional() }).openapi('NewProcess')

export interface ProcessSet {
  readonly processes: readonly ProcessSpec[]
  readonly groups?: Readonly<Record<string, GroupSpec>> | undefined
  /** Processes and groups to start (default: all of `processes`). */
  readonly start?: readonly string[] | undefined
}

const group = z.strictObject({
  strategy: z
    .enum(
      ['one-for-one', 'one-for-all', 'rest-for-one'],
      'write one-for-one, one-for-all or rest-for-one',
    )
    .optional(),
})

const processSet = z
  .strictObject({
    processes: z.array(spec, 'write a list of specs'),
    groups: z.record(z.string(), group).optional(),
    start: z.array(name).optional(),
  })
  .openapi('ProcessSet')

// The manager refuses a spec that is none.
export const processSetBody: z.ZodType<ProcessSet> = processSet as unknown as z.ZodType<ProcessSet>

export const namesBody: z.ZodType<{ names?: string[] | undefined }> = z
  .strictObject({ names: z.array(name, 'write a list of names').optional() })
  .openapi('ProcessNames')

const time = z.iso.datetime()

export const processSchema: z.ZodType = z
  .object({
    name: z.string(),
    state: z.enum(['starting', 'running', 'stopping', 'stopped', 'error']),
    phase: z.enum(['stopped', 'waiting', 'starting', 'running', 'stopping', 'backoff', 'failed']),
    ready: z.boolean(),
    pid: z.int().optional(),
    spec,
    failedHealthChecks: z.int(),
    lastCheckAt: time.optional(),
    restartAttempts: z.int(),
    restarts: z.int(),
    lastError: z.string().optional(),
    lastStateChange: time,
    startedAt: time.optional(),
    readyAt: time.optional(),
    nextTryAt: time.optional(),
    adopted: z.boolean(),
    usage: z
      .object({ rssBytes: z.int(), cpuPercent: z.number().optional(), processes: z.int() })
      .optional(),
  })
  .openapi('Process')

export const deathSchema: z.ZodType = z
  .object({
    at: time,
    name: z.string(),
    pid: z.int().optional(),
    startedAt: time.optional(),
    exit: z.looseObject({ kind: z.string() }),
    text: z.string(),
    by: z.string().optional(),
    decision: z.string(),
    lastLines: z.array(z.string()),
    survivors: z.array(z.string()).optional(),
  })
  .openapi('Death')

export const whySchema: z.ZodType = z
  .object({
    name: z.string(),
    phase: z.string(),
    text: z.array(z.string()),
    blockedBy: z.array(z.string()),
    nextTryAt: time.optional(),
    rule: z.unknown().optional(),
    lastDeath: deathSchema.optional(),
    nextDelays: z.array(z.object({ minMs: z.number(), maxMs: z.number() })),
  })
  .openapi('Why')
