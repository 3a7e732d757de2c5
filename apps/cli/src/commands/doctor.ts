import { userInfo } from 'node:os'
import { join } from 'node:path'
import { checkHeartbeat } from '@conductor/health'
import { CliError, type ExitCode, isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { type Finding, findings } from '../doctor/finding.ts'
import { checkDisk, checkFolder, checkSocketPaths } from '../doctor/folder-checks.ts'
import { checkFileLimit, checkNode, checkTmux } from '../doctor/machine-checks.ts'
import { checkPort } from '../doctor/port-check.ts'
import { checkProxy, wayTo } from '../doctor/proxy-check.ts'
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
  const origin = url === undefined ? undefined : originOf(url)
  const found = await examine(context, stateDir, settings, systemReaders)
  if (origin) found.push(...(await checkProxy(wayTo(origin, password(context, stateDir)), origin)))
  const isWell = found.every(({ level }) => level !== 'fail')
  if (json) await printJson(out, { healthy: isWell, stateDir, findings: found })
  else
    for (const { check, level, text } of found)
      await out.write(
        `${style(COLOURS[level], level.toUpperCase())}  ${check}: ${printable(text)}\n`,
      )
  return isWell ? 0 : 1
}

async function examine(
  { clock, env }: Context,
  stateDir: string,
  settings: Readonly<Record<string, string>>,
  readers: Readers,
): Promise<Finding[]> {
  const state = await look(stateDir)
  const daemon = await checkHeartbeat(heartbeatPath(stateDir), { clock })
  const runs = state.name !== 'stopped' && state.name !== 'stale' && state.name !== 'unreadable'
  const pid = runs ? state.runFile.pid : undefined
  const dataDir = settings['AI_CONDUCTOR_DATA_DIR'] ?? join(stateDir, 'sessions')
  const pidFile = settings['AI_CONDUCTOR_PID_FILE']
  return [
    checkNode(readers),
    checkFolder(readers, stateDir),
    checkDisk(readers, stateDir),
    checkSocketPaths(readers, { stateDir, dataDir }),
    checkFileLimit(readers, pid),
    ...(state.name === 'unreadable'
      ? [findings('server').fail(state.problem)]
      : [
          checkServer(state),
          checkStaleFiles(readers, { stateDir, pidFile }, state),
          checkBeat(state, daemon),
          checkClock(state, daemon, clock.date()),
        ]),
    checkPort(readers, env['AI_CONDUCTOR_ADDR'] || DEFAULT_ADDRESS, pid),
    await checkCgroup(readers, pid),
    checkLinger(readers, userInfo().username, pid),
    await checkTmux(readers),
  ]
}

/** A run-file that is none is a finding, and no reason to look no further. */
async function look(
  stateDir: string,
): Promise<ServerState | { readonly name: 'unreadable'; readonly problem: string }> {
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

/** @throws CliError `USAGE`. */
function originOf(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text).origin
  throw new CliError('USAGE', `${text} is no address; write https://conductor.example`)
}
