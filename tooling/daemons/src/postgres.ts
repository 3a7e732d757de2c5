import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ProcessSpec } from '@conductor/process-manager'
import { binary, until, whyMissing } from '@conductor/testing'
import { LIVENESS, type RealDaemon } from './real-daemon.ts'
import { ENVIRONMENT, PATIENCE_MS, SOON } from './world.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const needed = ['initdb', 'postgres', 'pg_isready', 'psql', ...(isRoot ? ['setpriv'] : [])]

/** PostgreSQL refuses to be root: this user comes with Debian's package. */
const USER = 'postgres'
const FIXED = ['-X', '-U', USER, '-d', 'postgres', '-At', '-v', 'ON_ERROR_STOP=1']

/** A postmaster, and children that each begin a session and overwrite their environment. */
export const postgres: RealDaemon = {
  name: 'postgres',
  missing: whyMissing(...needed),
  farewell: /received fast shutdown request[\s\S]*database system is shut down/,
  async prepare(folder) {
    const data = join(folder, 'data')
    // Its user has to get there, and has to own what is there.
    for (const each of [dirname(folder), folder]) chmodSync(each, 0o711)
    mkdirSync(data, { mode: 0o700 })
    if (isRoot) await run('chown', [USER, data])
    const [initdb = '', ...initdbArgs] = unprivileged(
      ...[binary('initdb'), '-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8'],
      ...['--no-locale', '--no-sync'],
    )
    await run(initdb, initdbArgs, { cwd: data, env: ENVIRONMENT })
    const [command = '', ...args] = unprivileged(
      ...[binary('postgres'), '-D', data, '-k', data, '-h', ''],
    )
    const probe = {
      kind: 'exec',
      command: binary('pg_isready'),
      args: ['-h', data, '-U', USER, '-d', 'postgres', '-t', '1'],
    } as const
    return {
      spec: {
        name: 'postgres',
        command,
        args,
        cwd: data,
        ready: { kind: 'check', check: { probe } },
        liveness: { probe, ...LIVENESS },
        // Fast shutdown. SIGTERM would wait for all clients to leave.
        stop: { signal: 'SIGINT', graceMs: 10_000 },
        restart: SOON,
      },
      ask: () => query(data, 'select 6 * 7'),
      memory: {
        async keep(text) {
          await query(data, 'create table if not exists kept (text text)')
          await query(data, `insert into kept values ('${text}')`)
        },
        recall: () => query(data, 'select text from kept'),
      },
    }
  },
}

/**
 * A client that does not go away: its backend is one more child of the postmaster.
 *
 * @returns What ends it.
 */
export async function holdSession({ cwd: data = '' }: ProcessSpec): Promise<() => void> {
  const client = spawn(binary('psql'), [...FIXED, '-h', data, '-c', 'select pg_sleep(1000)'], {
    env: ENVIRONMENT,
    cwd: '/',
    stdio: 'ignore',
  })
  const held = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
  await until(async () => (await query(data, held)) === '1', { timeoutMs: PATIENCE_MS })
  return () => void client.kill()
}

async function query(data: string, sql: string): Promise<string> {
  const { stdout } = await run(binary('psql'), [...FIXED, '-h', data, '-c', sql], {
    env: ENVIRONMENT,
    cwd: '/',
  })
  return stdout.trim()
}

/** A command line for the user that PostgreSQL runs as. `setpriv` becomes the program: same pid. */
function unprivileged(...command: readonly string[]): string[] {
  if (!isRoot) return [...command]
  const as = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups']
  return [binary('setpriv'), ...as, ...command]
}
