import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'

export interface StateDirSources {
  /** Of the command line. */
  readonly flag?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/**
 * The state folder, found as the server finds it: `AI_CONDUCTOR_STATE_DIR`, else the parent of
 * `AI_CONDUCTOR_DATA_DIR`, each from the environment, else from the file `AI_CONDUCTOR_CONFIG`, else
 * `./data`. The flag comes before all of them.
 *
 * @throws CliError `BAD_FILE`.
 */
export function findStateDir({ flag, env, cwd }: StateDirSources): string {
  if (flag !== undefined) return resolve(cwd, flag)
  const file = readConfig(env['AI_CONDUCTOR_CONFIG'], cwd)
  const stateDir = env['AI_CONDUCTOR_STATE_DIR'] || file['stateDir']
  if (typeof stateDir === 'string') return resolve(cwd, stateDir)
  const dataDir = env['AI_CONDUCTOR_DATA_DIR'] || file['dataDir'] || './data/sessions'
  return dirname(resolve(cwd, String(dataDir)))
}

/**
 * The settings of a server for these sources, with every path absolute: so that it finds the same files
 * wherever it runs. With the flag, sessions are kept in that folder too, unless somebody says otherwise.
 *
 * @returns Variables for its environment.
 * @throws CliError `BAD_FILE`.
 */
export function serverSettings(sources: StateDirSources): Readonly<Record<string, string>> {
  const { flag, env, cwd } = sources
  const config = env['AI_CONDUCTOR_CONFIG']
  const file = readConfig(config, cwd)
  const stateDir = findStateDir(sources)
  const defaultDataDir = flag === undefined ? './data/sessions' : join(stateDir, 'sessions')
  const pidFile = env['AI_CONDUCTOR_PID_FILE'] || file['pidFile']
  return {
    AI_CONDUCTOR_STATE_DIR: stateDir,
    AI_CONDUCTOR_DATA_DIR: resolve(
      cwd,
      String(env['AI_CONDUCTOR_DATA_DIR'] || file['dataDir'] || defaultDataDir),
    ),
    ...(config && { AI_CONDUCTOR_CONFIG: resolve(cwd, config) }),
    ...(pidFile ? { AI_CONDUCTOR_PID_FILE: resolve(cwd, String(pidFile)) } : {}),
  }
}

function readConfig(path: string | undefined, cwd: string): Readonly<Record<string, unknown>> {
  if (!path) return {}
  try {
    const value: unknown = JSON.parse(readFileSync(resolve(cwd, path), 'utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('BAD_FILE', `AI_CONDUCTOR_CONFIG: cannot use ${path}: ${why}`, { cause })
  }
  throw new CliError('BAD_FILE', `AI_CONDUCTOR_CONFIG: ${path} holds no object`)
}
