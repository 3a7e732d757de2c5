import { join } from 'node:path'
import { isAgentsError, type LaunchPlan, type Readiness, type TypedPrompt } from '@conductor/agents'
import { findProgram } from '../config.ts'
import { ServerError } from '../server-error.ts'

/** Everything that starting a session needs to know of its program. */
export interface Program {
  /** Absolute. */
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** The agent's own id of its session, where it is known before the start. */
  readonly agentSessionId?: string | undefined
  /** The prompt is written here first, mode 0600. */
  readonly file?: { readonly path: string; readonly text: string } | undefined
  /** Its input is `file` and not the terminal. */
  readonly readsFile: boolean
  /** The prompt is typed, once the program is ready. */
  readonly typed?: TypedPrompt | undefined
  readonly ready?: Readiness | undefined
}

/** Where the prompt of a session lies, for agents that read it. */
export function promptPath(sessionDir: string): string {
  return join(sessionDir, 'prompt')
}

/** @throws ServerError `BAD_FIELD` naming `agent` or `prompt`. */
export function programOf(
  plan: LaunchPlan,
  where: { readonly promptFile: string; readonly allowVisiblePrompt: boolean },
): Program {
  if (plan.promptVisible && !where.allowVisiblePrompt)
    throw badField(
      'prompt',
      `${plan.agentId} takes it as an argument alone, which every user of the machine can read; allow that with "allowVisiblePrompt": true in the agents of the config`,
    )
  const command = plan.commands
    .map((name) => findProgram(name, plan.env['PATH']))
    .find((found) => found !== undefined)
  if (command === undefined)
    throw badField('agent', `${plan.agentId} is not installed: no ${plan.commands.join(' or ')}`)
  const { args, env, sessionId, typed, ready, stdin, file } = plan
  return {
    command,
    args,
    env,
    agentSessionId: sessionId,
    file: stdin === undefined ? file : { path: where.promptFile, text: stdin },
    readsFile: stdin !== undefined,
    typed,
    ready,
  }
}

/**
 * How a program is really started. One that reads its input to the end gets a file for it: typed into a
 * terminal, a long line would be cut, and all of it shown twice.
 */
export function commandLine(program: Program): Pick<Program, 'command' | 'args'> {
  const { command, args, file, readsFile } = program
  if (!file || !readsFile) return { command, args }
  return {
    command: '/bin/sh',
    args: ['-c', 'exec <"$1" && shift && exec "$@"', 'sh', file.path, command, ...args],
  }
}

/** What an agent's plan refuses is a fault of the request. */
export function asBadField(error: unknown): unknown {
  if (!isAgentsError(error)) return error
  const text = error.message.replace(/^\[[^\]]*\] /, '')
  const field = error.code === 'UNKNOWN_AGENT' ? 'agent' : 'prompt'
  return badField(field, text, error)
}

function badField(field: string, text: string, cause?: unknown): ServerError {
  return new ServerError('BAD_FIELD', `${field}: ${text}`, { field, ...(cause ? { cause } : {}) })
}
