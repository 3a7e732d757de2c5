import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { Launches } from '../agents/launches.ts'
import type { Program } from '../agents/program.ts'
import { findProgram } from '../config.ts'
import { ServerError } from '../server-error.ts'
import { type SessionDefaults, sessionEnvironment } from './session-environment.ts'
import type { SessionRecord } from './session-file.ts'
import { nameProblem } from './session-name.ts'

/** What a request may say about a new session. Everything has a default. */
export interface SessionRequest {
  readonly name?: string | undefined
  readonly cwd?: string | undefined
  readonly command?: string | undefined
  readonly args?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cols?: number | undefined
  readonly rows?: number | undefined
  readonly kind?: SessionRecord['kind'] | undefined
  readonly durability?: SessionRecord['durability'] | undefined
  /**
   * Where it runs: in a host that outlives the server (`host`), in a tmux that outlives even that, and that
   * a person can attach to (`tmux`), or in the server. So it also says the `durability`.
   */
  readonly runtime?: 'host' | 'tmux' | 'server' | undefined
  /** A coding agent, instead of a command; `args` are then more arguments for it. */
  readonly agent?: string | undefined
  /** Its first task. */
  readonly prompt?: string | undefined
  readonly projectId?: string | undefined
}

export interface PlannedSession {
  readonly record: SessionRecord
  readonly program: Program
}

/**
 * Checks what can be checked before anything is made.
 *
 * @throws ServerError `BAD_FIELD` naming the field.
 */
export function planSession(
  request: SessionRequest,
  defaults: SessionDefaults,
  launches: Launches,
  createdAt: string,
): PlannedSession {
  const { agent, prompt, args = [], env: added = {}, projectId } = request
  const id = newId()
  const name = request.name?.trim() || id
  checkName(name)
  const cwd = request.cwd ?? defaults.home
  if (!isAbsolute(cwd)) throw badField('cwd', `cwd: ${quote(cwd)} is not an absolute path`)
  if (!isFolder(cwd)) throw badField('cwd', `cwd: there is no folder ${quote(cwd)}`)
  const subject = {
    id,
    kind: request.kind ?? kindOf(request),
    cwd,
    env: { ...added },
    command: agent === undefined ? findCommand(request, defaults) : '',
    args: [...args],
    ...(agent !== undefined && { agent, agentArgs: [...args] }),
    ...(prompt !== undefined && { prompt }),
  }
  if (agent !== undefined && request.command !== undefined)
    throw badField('command', `command: the agent ${agent} has one; leave this or the agent out`)
  if (prompt !== undefined && agent === undefined && request.command === undefined)
    throw badField('prompt', 'prompt: a bare shell takes none; name an agent or a command')
  const program = launches.plan(subject)
  const { command, agentSessionId } = program
  const record = {
    v: 1,
    ...subject,
    name,
    createdAt,
    command,
    args: program.args,
    durability: durabilityOf(request),
    ...(request.runtime === 'tmux' && { runtime: request.runtime }),
    ...(agentSessionId !== undefined && { agentSessionId }),
    ...(projectId !== undefined && { projectId }),
  } as const
  return { record, program }
}

/** Who names an agent or a task has a worker in mind. */
function kindOf({ agent = 'shell', prompt }: SessionRequest): SessionRecord['kind'] {
  return agent === 'shell' && prompt === undefined ? 'shell' : 'worker'
}

function durabilityOf({ durability, runtime }: SessionRequest): SessionRecord['durability'] {
  const meant = runtime && (runtime === 'server' ? 'server' : 'persistent')
  if (meant && durability && meant !== durability)
    throw badField('runtime', `runtime: ${runtime} is ${meant}, and durability says ${durability}`)
  return meant ?? durability ?? 'persistent'
}

function findCommand({ command, env }: SessionRequest, defaults: SessionDefaults): string {
  const wanted = command ?? defaults.shell
  const { PATH } = sessionEnvironment(defaults.env, defaults.shell, env)
  const found = findProgram(wanted, PATH)
  if (found) return found
  throw badField('command', `command: there is no program ${quote(wanted)}`)
}

/** @throws ServerError `BAD_FIELD`. */
export function checkName(name: string): void {
  const problem = nameProblem(name)
  if (problem) throw badField('name', `name ${problem}`)
}

/** 60 random bits: short enough for the path of a socket, and never given twice. */
function newId(): string {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  return Array.from(randomBytes(12), (byte) => letters[byte % 32]).join('')
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function badField(field: string, text: string): ServerError {
  return new ServerError('BAD_FIELD', text, { field })
}

function quote(value: string): string {
  return JSON.stringify(value)
}
