import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { findProgram } from '../config.ts'
import { ServerError } from '../server-error.ts'
import { sessionEnvironment } from './session-environment.ts'
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
}

/** What sessions of this server have in common. */
export interface SessionDefaults {
  readonly shell: string
  /** Where a session starts when nobody says. */
  readonly home: string
  /** The server's own environment; its secrets are left out of every session. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface PlannedSession {
  readonly record: SessionRecord
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Checks what can be checked before anything is made.
 *
 * @throws ServerError `BAD_FIELD` naming the field.
 */
export function planSession(
  request: SessionRequest,
  defaults: SessionDefaults,
  createdAt: string,
): PlannedSession {
  const { kind = 'shell', durability = 'persistent', args = [], env: added = {} } = request
  const id = newId()
  const name = request.name?.trim() || id
  checkName(name)
  const cwd = request.cwd ?? defaults.home
  if (!isAbsolute(cwd)) throw badField('cwd', `cwd: ${quote(cwd)} is not an absolute path`)
  if (!isFolder(cwd)) throw badField('cwd', `cwd: there is no folder ${quote(cwd)}`)
  const env = sessionEnvironment(defaults.env, defaults.shell, added)
  const wanted = request.command ?? defaults.shell
  const command = findProgram(wanted, env['PATH'])
  if (!command) throw badField('command', `command: there is no program ${quote(wanted)}`)
  return {
    record: {
      v: 1,
      id,
      name,
      createdAt,
      command,
      args: [...args],
      cwd,
      env: { ...added },
      kind,
      durability,
    },
    env,
  }
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
