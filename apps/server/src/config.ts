import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { createAgentTable, type ServerAgent } from './agents/agent-table.ts'
import { weaknessOf } from './auth/password.ts'
import { parsePasswordHash } from './auth/password-hash.ts'
import { parseBasePath } from './http/base-path.ts'
import { isServerError, ServerError } from './server-error.ts'
import { isLoopback, parseAddress, parseDuration, parseSize } from './units.ts'

/** Everything that can be set, as the rest of the server sees it. Paths are absolute. */
export interface Config {
  /** `undefined`, as is the hash: one is generated and kept in `stateDir`. */
  readonly password: string | undefined
  /** Instead of the password. How strong that is, nobody can tell from it. */
  readonly passwordHash: string | undefined
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly dataDir: string
  readonly stateDir: string
  readonly shell: string
  readonly pidFile: string | undefined
  readonly sessionTimeoutMs: number
  readonly owner: 'app' | 'persistent' | undefined
  /** What becomes of persistent sessions at a graceful end. */
  readonly onShutdown: 'detach' | 'close'
  readonly sessionsPerHost: number
  readonly historyBytes: number
  /** The largest file that can be given to a session. */
  readonly uploadBytes: number
  /** Further origins, as in `https://conductor.example`; their hosts are allowed too. */
  readonly allowedOrigins: readonly string[]
  /** A WebSocket that says nothing for this long is given up. */
  readonly silenceMs: number
  /** The path below which the server is, as in `/conductor`; empty at the root. */
  readonly basePath: string
  /** How long the last app that needs the server may be away before it ends. */
  readonly linkGraceMs: number
  /** Agents beside the built-in ones. */
  readonly agents: readonly ServerAgent[]
}

type Env = Readonly<Record<string, string | undefined>>

export interface ConfigSources {
  readonly env: Env
  /** Relative paths are meant from here. */
  readonly cwd: string
  /** Reads the file that `AI_CONDUCTOR_CONFIG` names. */
  readonly readFile: (path: string) => string
}

const DURATION = 'write a duration, as in 24h, 90m or 3600s'
const SIZE = 'write a number of bytes of at least 64k, as in 64M, 512k or 1G'
const ADDRESS = 'write HOST:PORT, as in 127.0.0.1:8080, :8080 or [::1]:8080'
const HASH = 'write what conductor hash-password prints'
const ORIGINS = 'write origins with commas between them, as in https://conductor.example'
const BASE_PATH =
  'write a path as in /conductor, of letters, digits and ._~-, and none that the server has itself'

/** A text that `parse` understands. What it does not becomes an issue that says what to write. */
function text<T>(parse: (value: string) => T | undefined, instead: string) {
  return z.string(instead).transform((value, context) => {
    const parsed = parse(value.trim())
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: instead })
    return z.NEVER
  })
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `write ${values.join(' or ')}`)
}

const settings = z.strictObject({
  password: z.string('write a text').optional(),
  passwordHash: text(parsePasswordHash, HASH).optional(),
  addr: text(parseAddress, ADDRESS).prefault('127.0.0.1:8080'),
  dataDir: z.string('write a path').prefault('./data/sessions'),
  stateDir: z.string('write a path').optional(),
  shell: z.string('write a path').optional(),
  pidFile: z.string('write a path').optional(),
  sessionTimeout: text((value) => atLeast(1_000, parseDuration(value)), DURATION).prefault('24h'),
  owner: oneOf(['app', 'persistent']).optional(),
  onShutdown: oneOf(['detach', 'close']).prefault('detach'),
  sessionsPerHost: z
    .union([z.string(), z.number()])
    .transform(Number)
    .pipe(
      z.int('write a whole number').min(1, 'write 1 or more').max(10_000, 'write 10000 or less'),
    )
    .prefault(1),
  historyBytes: text((value) => atLeast(64 * 1024, parseSize(value)), SIZE).prefault('64M'),
  uploadBytes: text((value) => atLeast(64 * 1024, parseSize(value)), SIZE).prefault('25M'),
  allowedOrigins: text(parseOrigins, ORIGINS).prefault(''),
  basePath: text(parseBasePath, BASE_PATH).prefault(''),
  silence: text((value) => atLeast(100, parseDuration(value)), DURATION).prefault('25s'),
  linkGrace: text((value) => atLeast(0, parseDuration(value)), DURATION).prefault('5s'),
  agents: z
    .array(
      z.looseObject(
        {
          id: z.string('write a text'),
          allowVisiblePrompt: z.boolean('write true or false').optional(),
          silenceMs: z
            .int('write milliseconds, a whole number')
            .min(0, 'write 0 or more')
            .max(86_400_000, 'write a day or less')
            .optional(),
        },
        'write an agent',
      ),
      'write a list of agents',
    )
    .prefault([]),
})

type Key = keyof z.input<typeof settings>
const KEYS = Object.keys(settings.shape) as Key[]
/** What a variable can hold. */
const VARIABLES = KEYS.filter((key) => key !== 'agents')

/** `sessionTimeout` is `AI_CONDUCTOR_SESSION_TIMEOUT` in the environment. */
function variableOf(key: string): string {
  return `AI_CONDUCTOR_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`
}

/**
 * Reads the settings: the environment, else the JSON file that `AI_CONDUCTOR_CONFIG` names (its keys
 * are `addr`, `dataDir`, `sessionTimeout` and so on), else the defaults. Touches nothing.
 *
 * @throws ServerError `BAD_CONFIG` with one line: which variable, what is wrong, what to write instead.
 */
export function readConfig({ env, cwd, readFile }: ConfigSources): Config {
  const path = env['AI_CONDUCTOR_CONFIG']
  const fromFile = path ? readConfigFile(resolve(cwd, path), readFile) : {}
  const fromEnv: Record<string, string> = {}
  for (const key of VARIABLES) {
    const value = env[variableOf(key)]
    if (value) fromEnv[key] = value
  }
  const given: Record<string, unknown> = { ...fromFile, ...fromEnv }
  const parsed = settings.safeParse(given)
  if (!parsed.success) throw complaint(parsed.error, given, fromEnv, path)

  const { password, passwordHash, addr, dataDir, stateDir, shell, pidFile, ...more } = parsed.data
  const { sessionTimeout, silence, linkGrace, agents, ...rest } = more
  if (password !== undefined && passwordHash !== undefined)
    throw new ServerError(
      'BAD_CONFIG',
      'AI_CONDUCTOR_PASSWORD_HASH: AI_CONDUCTOR_PASSWORD is set, too, and only one of them can hold; remove one',
    )
  const weakness = password === undefined ? undefined : weaknessOf(password)
  if (weakness && !isLoopback(addr.host))
    throw new ServerError(
      'BAD_CONFIG',
      `AI_CONDUCTOR_PASSWORD: ${weakness}, and ${addr.host} can be reached from other machines; choose another password, or listen on 127.0.0.1`,
    )
  const data = resolve(cwd, dataDir)
  return {
    ...rest,
    ...addr,
    password,
    passwordHash,
    dataDir: data,
    stateDir: stateDir ? resolve(cwd, stateDir) : dirname(data),
    shell: findShell(shell, env),
    pidFile: pidFile && resolve(cwd, pidFile),
    sessionTimeoutMs: sessionTimeout,
    owner: rest.owner,
    silenceMs: silence,
    linkGraceMs: linkGrace,
    agents: checkAgents(agents, path),
  }
}

/** Variables that look like settings and are none: most likely misspelled. */
export function unknownSettings(env: Env): string[] {
  const known = new Set(['AI_CONDUCTOR_CONFIG', ...VARIABLES.map(variableOf)])
  return Object.keys(env).filter((name) => name.startsWith('AI_CONDUCTOR_') && !known.has(name))
}

function readConfigFile(path: string, readFile: (path: string) => string): object {
  try {
    const value: unknown = JSON.parse(readFile(path))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ServerError('BAD_CONFIG', `AI_CONDUCTOR_CONFIG: cannot use ${path}: ${why}`, {
      cause,
    })
  }
  throw new ServerError(
    'BAD_CONFIG',
    `AI_CONDUCTOR_CONFIG: ${path} holds no object; write {"addr": "127.0.0.1:8080"}`,
  )
}

function checkAgents(value: unknown[], path: string | undefined): readonly ServerAgent[] {
  // As the table takes them, which says what is wrong with them.
  const agents = value as ServerAgent[]
  try {
    createAgentTable(agents)
    return agents
  } catch (error) {
    if (!isServerError(error)) throw error
    throw new ServerError('BAD_CONFIG', `agents in ${path}: ${error.text}`, { cause: error })
  }
}

function complaint(
  error: z.ZodError,
  given: Record<string, unknown>,
  fromEnv: Record<string, string>,
  path: string | undefined,
): ServerError {
  const issue = error.issues[0]
  if (issue?.code === 'unrecognized_keys')
    return new ServerError(
      'BAD_CONFIG',
      `AI_CONDUCTOR_CONFIG: ${path} has the unknown key "${issue.keys[0]}"; write one of ${KEYS.join(', ')}`,
    )
  const key = String(issue?.path[0])
  const where = key in fromEnv ? variableOf(key) : `${issue?.path.join('.')} in ${path}`
  // What was meant to be a hash may well be the password.
  const found = key.startsWith('password')
    ? 'what it holds'
    : JSON.stringify(issue?.path.reduce<unknown>(valueAt, given))
  return new ServerError('BAD_CONFIG', `${where}: ${found} is not usable; ${issue?.message}`)
}

function valueAt(of: unknown, key: PropertyKey): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, key) : undefined
}

function atLeast(least: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least && value <= Number.MAX_SAFE_INTEGER
    ? value
    : undefined
}

function parseOrigins(value: string): readonly string[] | undefined {
  const origins: string[] = []
  for (const each of value.split(',').map((part) => part.trim())) {
    if (!each) continue
    if (!URL.canParse(each)) return undefined
    const url = new URL(each)
    const bare = url.href === `${url.origin}/`
    if (!bare || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
    origins.push(url.origin)
  }
  return origins
}

function findShell(wanted: string | undefined, env: Env): string {
  if (wanted) {
    const found = findProgram(wanted, env['PATH'])
    if (found) return found
    throw new ServerError(
      'BAD_CONFIG',
      `AI_CONDUCTOR_SHELL: there is no program ${JSON.stringify(wanted)}; write the path of a shell, as in /bin/bash`,
    )
  }
  for (const name of [env['SHELL'], 'bash', 'zsh', 'sh', '/bin/sh']) {
    const found = name && findProgram(name, env['PATH'])
    if (found) return found
  }
  throw new ServerError(
    'BAD_CONFIG',
    'AI_CONDUCTOR_SHELL: no shell was found; write the path of one, as in /bin/bash',
  )
}

/** The absolute path of an executable file, looked up in `path` when it has no slash. */
export function findProgram(name: string, path = ''): string | undefined {
  const places = name.includes('/') ? [''] : path.split(delimiter).filter(isAbsolute)
  for (const place of places) {
    const file = place ? join(place, name) : name
    try {
      accessSync(file, constants.X_OK)
      if (isAbsolute(file) && statSync(file).isFile()) return file
    } catch {
      // Not here: the next place.
    }
  }
  return undefined
}
