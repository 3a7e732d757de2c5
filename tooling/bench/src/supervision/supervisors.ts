import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findProgram } from '../find-program.ts'
import { hasBytes, holdsCap } from './log-room.ts'
import { openNodeFleet } from './node-fleet.ts'
import type { Supervisor } from './supervisor.ts'
import { type SupervisordProgram, supervisord } from './supervisord.ts'

/** For npm and apt; a machine without a network must not hold up the bench for longer, in milliseconds. */
const INSTALL_TIMEOUT_MS = 180_000

const conductor: Supervisor = {
  name: 'conductor',
  label: 'Conductor',
  isSlow: false,
  open: (dir, daemons) =>
    openNodeFleet({
      program: 'conductor',
      dir,
      daemons,
      isLogged: ({ name }) => holdsCap(dir, `${name}/log/daemon.log`),
    }),
}

const bare: Supervisor = {
  name: 'bare',
  label: 'bare Node, pipes',
  isSlow: false,
  open: (dir, daemons) =>
    openNodeFleet({
      program: 'bare',
      dir,
      daemons,
      isLogged: ({ name }, bytes) => hasBytes(join(dir, name, 'out.log'), bytes),
    }),
}

/** @param modules The `node_modules` that has it. */
function pm2(modules: string): Supervisor {
  return {
    name: 'pm2',
    label: 'pm2',
    isSlow: false,
    open: (dir, daemons) =>
      openNodeFleet({
        program: 'pm2',
        dir,
        daemons,
        env: { PM2_HOME: join(dir, '.pm2'), PM2_MODULES: modules },
        isLogged: ({ name }, bytes) => hasBytes(join(dir, `.pm2/logs/${name}-out.log`), bytes),
      }),
  }
}

export interface Supervisors {
  /** Ours and the floor first. */
  readonly list: readonly Supervisor[]
  /** Each with the reason. */
  readonly absent: readonly string[]
}

/**
 * Ours, the floor, and the peers: those in `given` or in PATH, else installed into a folder that
 * stays for the next run, `~/.cache/conductor-bench`. The machine itself is not changed.
 */
export function findSupervisors(given: ReadonlyMap<string, string>): Supervisors {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'conductor-bench')
  const absent: string[] = []
  const attempt = (name: string, find: () => Supervisor): Supervisor[] => {
    try {
      return [find()]
    } catch (error) {
      const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
      absent.push(`${name} (${line})`)
      return []
    }
  }
  return {
    list: [
      conductor,
      bare,
      ...attempt('pm2', () => pm2(given.get('pm2') ?? installPm2(join(cache, 'pm2')))),
      ...attempt('supervisord', () => supervisord(findSupervisord(given, cache))),
    ],
    absent,
  }
}

function installPm2(dir: string): string {
  const modules = join(dir, 'node_modules')
  if (existsSync(join(modules, 'pm2/package.json'))) return modules
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true }))
  execFileSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', dir, 'pm2@7'],
    { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS },
  )
  return modules
}

function findSupervisord(given: ReadonlyMap<string, string>, cache: string): SupervisordProgram {
  const path = process.env['PATH']?.split(delimiter)
  const program = given.get('supervisord') ?? findProgram('supervisord', path)
  if (program) return { command: [program] }
  const python = findProgram('python3', path)
  if (!python) throw new Error('there is neither supervisord nor python3')
  const modules = downloadSupervisor(join(cache, 'supervisor'))
  return { command: [python, '-m', 'supervisor.supervisord'], env: { PYTHONPATH: modules } }
}

/** Debian's packages, unpacked and not installed: so no service begins, and nobody has to end it. */
function downloadSupervisor(dir: string): string {
  const modules = join(dir, 'usr/lib/python3/dist-packages')
  if (existsSync(join(modules, 'supervisor/supervisord.py'))) return modules
  mkdirSync(dir, { recursive: true })
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: dir, stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS })
  const packages = ['supervisor', 'python3-pkg-resources']
  try {
    run('apt-get', 'download', ...packages)
  } catch {
    // Its lists may be old, or there are none; only root may fetch them.
    run('apt-get', 'update')
    run('apt-get', 'download', ...packages)
  }
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.deb')))
    run('dpkg-deb', '--extract', file, dir)
  return modules
}
