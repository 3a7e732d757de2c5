import type { ExitCode } from '../cli-error.ts'
import { isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { Style } from '../render/style.ts'
import { renderDuration } from '../render/units.ts'
import type { ProcessJson } from '../server/process-json.ts'
import type { ServerLink } from '../server/server-link.ts'
import { lookAtServer, type ServerState } from '../server/server-state.ts'
import type { SessionJson } from '../server/session-json.ts'

/** What `conductor status --json` prints. */
export interface StatusJson {
  readonly state: ServerState['name']
  readonly stateDir: string
  readonly pid?: number
  readonly url?: string
  readonly port?: number
  /** ISO 8601, UTC. */
  readonly startedAt?: string
  readonly uptimeSeconds?: number
  readonly sessions?: number
  readonly processes?: { readonly total: number; readonly ready: number }
  readonly problem?: string
}

/** Tells of the server and how much it looks after: 0 when it is ready, 1 when not. */
export async function status(
  context: Context,
  stateDir: string,
  link: ServerLink,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const found = await look(context, stateDir, link)
  if (options.json) await printJson(context.out, found)
  else await context.out.write(renderStatus(found, context.style))
  return found.state === 'ready' ? 0 : 1
}

async function look(context: Context, stateDir: string, link: ServerLink): Promise<StatusJson> {
  const state = await lookAtServer(stateDir)
  if (state.name === 'stopped') return { state: state.name, stateDir }
  const { pid, url, startedAt } = state.runFile
  const sinceMs = startedAt === undefined ? Number.NaN : Date.parse(startedAt)
  return {
    ...{ state: state.name, stateDir, pid },
    ...(url !== '' && { url, port: Number(new URL(url).port) || 80 }),
    ...(startedAt !== undefined && { startedAt }),
    ...(state.name !== 'stale' &&
      sinceMs > 0 && { uptimeSeconds: Math.floor((context.clock.date() - sinceMs) / 1_000) }),
    ...(state.name === 'stale' && { problem: `pid ${pid} has ended without a goodbye` }),
    ...('problem' in state && { problem: state.problem }),
    ...(state.name === 'ready' && (await count(link))),
  }
}

/** What it looks after. One that goes away meanwhile is no reason to tell nothing. */
async function count(link: ServerLink): Promise<Partial<StatusJson>> {
  try {
    const sessions = await link.json<SessionJson[]>('/api/sessions')
    const processes = await link.json<ProcessJson[]>('/api/processes')
    const ready = processes.filter((process) => process.ready).length
    return { sessions: sessions.length, processes: { total: processes.length, ready } }
  } catch (error) {
    if (!isCliError(error)) throw error
    return { problem: error.text }
  }
}

function renderStatus(found: StatusJson, style: Style): string {
  const { state, stateDir, pid, url, uptimeSeconds, sessions, processes, problem } = found
  const colour = state === 'ready' ? 'green' : state === 'stopped' ? 'dim' : 'red'
  const lines = [
    ['server', style(colour, state)],
    ['problem', problem],
    ['pid', pid],
    ['url', url],
    ['uptime', uptimeSeconds === undefined ? undefined : renderDuration(uptimeSeconds * 1_000)],
    ['state dir', stateDir],
    ['sessions', sessions],
    ['processes', processes && `${processes.total} (${processes.ready} ready)`],
  ] as const
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${`${label}:`.padEnd(10)} ${value}\n`)
    .join('')
}
