import { userInfo } from 'node:os'
import { join } from 'node:path'
import { checkHeartbeat } from '@conductor/health'
import { CliError, type ExitCode, isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { type Finding, findings } from '../doctor/finding.ts'
import { checkDisk, checkFolder, checkSocketPaths } from '../doctor/folder-checks.ts'
import {
  checkFileLimit,
  checkInit,
  checkNode,
  checkPty,
  checkTmux,
} from '../doctor/machine-checks.ts'
import { checkPort } from '../doctor/port-check.ts'
import { checkProxy } from '../doctor/proxy-check.ts'
import { wayTo } from '../doctor/proxy-way.ts'
import { type Readers, systemReaders } from '../doctor/readers.ts'
import { checkBeat, checkClock, checkServer, checkStaleFiles } from '../doctor/server-checks.ts'
import { checkCgroup, checkLinger } from '../doctor/systemd-checks.ts'
import { printJson } from '../render/json.ts'
import { printable } from '../render/printable.ts'
import { lookAtServer, type ServerState } from '../server/server-state.ts'
import { heartbeatPath } from './check.ts'

const DEFAULT_ADDRESS = '127.0.0.1:8080'
const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red' } as const

export interface DoctorOptions {
  readonly json?: boolean
  /** Where a browser would go. */
  readonly url?: string
}

/** Looks for what keeps a server from starting, working or being reached. 1 when something does. */
export async function doctor(
  context: Context,
  stateDir: string,
  settings: Readonly<Record<string, string>>,
  { json, url }: DoctorOptions,
): Promise<ExitCode> {
  const { out, style } = context
  const site = url === undefined ? undefined : siteOf(url)
  const state = await look(stateDir)
  const found = await examine(context, { stateDir, state }, settings, systemReaders)
  if (site) {
    const isProxy = !('url' in state && new URL(state.url).origin === new URL(site).origin)
    const way = wayTo(site, password(context, stateDir))
    found.push(...(await checkProxy(way, site, { isProxy })))
  }
  const isWell = found.every(({ level }) => level !== 'fail')
  if (json) await printJson(out, { healthy: isWell, stateDir, findings: found })
  else
    for (const { check, level, text, why, fix } of found) {
      const more = [why, fix].flatMap((line) => (line ? `      ${printable(line)}\n` : []))
      const head = `${style(COLOURS[level], level.toUpperCase())}  ${check}: ${printable(text)}\n`
      await out.write(head + more.join(''))
    }
  return isWell ? 0 : 1
}

async function examine(
  { clock, env }: Context,
  { stateDir, state }: { readonly stateDir: string; readonly state: Looked },
  settings: Readonly<Record<string, string>>,
  readers: Readers,
): Promise<Finding[]> {
  const daemon = await checkHeartbeat(heartbeatPath(stateDir), { clock })
  const runs = state.name !== 'stopped' && state.name !== 'stale' && state.name !== 'unreadable'
  const pid = runs ? state.runFile.pid : undefined
  const dataDir = settings['AI_CONDUCTOR_DATA_DIR'] ?? join(stateDir, 'sessions')
  const pidFile = settings['AI_CONDUCTOR_PID_FILE']
  return [
    checkNode(readers),
    checkPty(readers),
    checkFolder(readers, stateDir, dataDir),
    checkDisk(readers, stateDir, dataDir),
    checkSocketPaths(readers, { stateDir, dataDir }),
    checkFileLimit(readers, pid),
    ...(state.name === 'unreadable'
      ? [
          findings('server').fail(
            ...[state.problem, 'no command finds the server'],
            `see whether it runs; if not: rm ${stateDir}/running.json`,
          ),
        ]
      : [
          checkServer(state),
          checkStaleFiles(readers, { stateDir, pidFile }, state),
          checkBeat(state, daemon),
          checkClock(state, daemon, clock.date()),
        ]),
    checkPort(readers, env['AI_CONDUCTOR_ADDR'] || DEFAULT_ADDRESS, pid),
    checkInit(pid),
    await checkCgroup(readers, pid),
    checkLinger(readers, userInfo().username, pid),
    await checkTmux(readers),
  ]
}

type Looked = ServerState | { readonly name: 'unreadable'; readonly problem: string }

/** A run-file that is none is a finding, and no reason to look no further. */
async function look(stateDir: string): Promise<Looked> {
  try {
    return await lookAtServer(stateDir)
  } catch (error) {
    if (!isCliError(error)) throw error
    return { name: 'unreadable', problem: error.text }
  }
}

function password({ env }: Context, stateDir: string): string | undefined {
  return env['AI_CONDUCTOR_PASSWORD'] || systemReaders.read(join(stateDir, 'password'))?.trim()
}

/** Origin and path, without a slash at its end. @throws CliError `USAGE`. */
function siteOf(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) {
    const { origin, pathname } = new URL(text)
    return origin + pathname.replace(/\/+$/, '')
  }
  throw new CliError('USAGE', `${text} is no address; write https://conductor.example`)
}
