import { z } from '@hono/zod-openapi'
import { attentionSchema } from '../attention/schemas.ts'
import type { SessionRequest } from '../sessions/new-session.ts'
import type { OrchestratorRequest } from '../sessions/orchestrators.ts'
import { LONGEST_NAME, nameProblem } from '../sessions/session-name.ts'

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/
const withoutNul = z.string().refine((text) => !text.includes('\0'), 'may not hold a NUL')
const prompt = withoutNul.max(100_000)
const cells = z.int().min(1).max(10_000)

export const loginBody: z.ZodType<{ password: string }> = z
  .object({ password: z.string() })
  .openapi('Login')

/** What is run, and where. */
const startFields = {
  name: withoutNul.optional(),
  cwd: withoutNul.optional(),
  command: withoutNul.min(1).optional(),
  args: z.array(withoutNul).max(1_000).optional(),
  env: z.record(z.string().regex(identifier, 'is no name of a variable'), withoutNul).optional(),
  agent: z.string().min(1).optional(),
  prompt: prompt.optional(),
}

/** Unknown fields are refused: one that is passed over silently looks as if it had worked. */
export const createBody: z.ZodType<SessionRequest> = z
  .strictObject({
    ...startFields,
    cols: cells.optional(),
    rows: cells.optional(),
    kind: z.enum(['shell', 'worker', 'orchestrator']).optional(),
    durability: z.enum(['persistent', 'server']).optional(),
    runtime: z.enum(['host', 'tmux', 'server'], 'write host, tmux or server').optional(),
  })
  .openapi('NewSession')

export const orchestratorBody: z.ZodType<OrchestratorRequest> = z
  .strictObject({
    projectId: z
      .string('is required')
      .min(1, 'is required')
      .max(LONGEST_NAME)
      .refine((value) => nameProblem(value) === undefined, 'may not hold control characters'),
    clean: z.boolean().optional(),
    ...startFields,
  })
  .openapi('EnsureOrchestrator')

export const renameBody: z.ZodType<{ name: string }> = z
  .object({ name: z.string() })
  .openapi('Rename')

const viewerSchema = z
  .object({
    id: z.string(),
    mode: z.enum(['driver', 'viewer']),
    typing: z.literal(true).optional().openapi({ description: 'It was the last to type' }),
    label: z.string().optional(),
    since: z.iso.datetime(),
    via: z.string().openapi({ description: 'login, cli, or share:<id>' }),
    address: z.string().optional(),
  })
  .openapi('Viewer')

export const sessionSchema: z.ZodType = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    status: z.enum(['running', 'stalled', 'unreachable', 'lost', 'exited']),
    reason: z.string().optional(),
    kind: z.string(),
    durability: z.string(),
    runtime: z.enum(['host', 'tmux', 'server']),
    attachCommand: z.array(z.string()).optional(),
    command: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
    agent: z.string().optional(),
    agentSessionId: z.string().optional(),
    projectId: z.string().optional(),
    pid: z.int().optional(),
    epoch: z.string().optional(),
    cols: z.int().optional(),
    rows: z.int().optional(),
    viewers: z.int(),
    viewerList: z.array(viewerSchema).optional(),
    attention: attentionSchema.optional(),
  })
  .openapi('Session')

const problemSchema = z
  .object({
    error: z.string(),
    code: z.string().optional(),
    details: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
  })
  .openapi('Problem')

export const successSchema: z.ZodObject<{ success: z.ZodLiteral<true> }> = z.object({
  success: z.literal(true),
})

/** An answer for the description. */
export function json<S extends z.ZodType>(
  description: string,
  schema: S,
): { description: string; content: { 'application/json': { schema: S } } } {
  return { description, content: { 'application/json': { schema } } }
}

export const problem: ReturnType<typeof json<z.ZodType>> = json('A problem', problemSchema)
