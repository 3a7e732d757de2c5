import { type ProcessState, processState, signalProcess } from '@conductor/process-identity'
import { CliError, type ExitCode, isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { type RunFile, readRunFile } from '../server/run-file.ts'
import type { ServerLink } from '../server/server-link.ts'
import { lookUntil } from '../sleep.ts'

export interface StopOptions {
  readonly json?: boolean
  /** Signals a server that does not answer, or does not end. */
  readonly force?: boolean
  /** How long it may take to end, in milliseconds. */
  readonly timeout: number
}

/** What there was to stop. */
export type Stopped = 'stopped' | 'not-running' | 'stale'

/** Ends the server gracefully, and says so when its process is gone. Sessions and daemons go on. */
export async function stop(
  context: Context,
  stateDir: string,
  link: ServerLink,
  options: StopOptions,
): Promise<ExitCode> {
  const { state, pid } = await stopServer(context, stateDir, link, options)
  if (options.json) await printJson(context.out, { state, pid, stateDir })
  else await context.out.write(`${inWords(state, pid, stateDir)}\n`)
  return 0
}

function inWords(state: Stopped, pid: number | undefined, stateDir: string): string {
  if (state === 'stopped') return `the server has stopped (pid ${pid})`
  if (state === 'not-running') return `no server runs on ${stateDir}`
  return `no server runs on ${stateDir}; pid ${pid} of its run-file has ended without a goodbye`
}

/** @throws CliError `FAILED` when it still runs, or nobody can tell. */
export async function stopServer(
  context: Context,
  stateDir: string,
  link: ServerLink,
  { force = false, timeout }: StopOptions,
): Promise<{ readonly state: Stopped; readonly pid: number | undefined }> {
  const runFile = readRunFile(stateDir)
  if (!runFile) return { state: 'not-running', pid: undefined }
  const { pid, identity } = runFile
  // Its claim on the folder is the next server's to take over: it may be doing so right now.
  if (processState(identity) === 'dead') return { state: 'stale', pid }
  const isGone = () => gone(stateDir, runFile)

  try {
    await link.json('/api/shutdown', { method: 'POST' })
    if (await lookUntil(context, timeout, isGone)) return { state: 'stopped', pid }
  } catch (error) {
    if (!isCliError(error)) throw error
    // It may have ended while it was asked.
    if (isGone()) return { state: 'stopped', pid }
    if (!force)
      throw new CliError('FAILED', `${error.text}; end it without asking: conductor stop --force`, {
        cause: error,
      })
  }
  if (context.interrupted.aborted || !force)
    throw new CliError(
      'FAILED',
      `pid ${pid} was asked to end, and still runs after ${timeout / 1_000} s; wait, or: conductor stop --force`,
    )
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // Verified once more, by pid and start time: never somebody who has its pid now.
    if (signalProcess(identity, signal) === 'refused')
      throw new CliError('FAILED', `pid ${pid} was not signalled: it cannot be told whose it is`)
    if (await lookUntil(context, timeout, isGone)) return { state: 'stopped', pid }
  }
  throw new CliError('FAILED', `pid ${pid} still runs after SIGKILL`)
}

/** By the process; where the system does not tell, by the run-file, which goes last. */
function gone(stateDir: string, { pid, identity }: RunFile): true | undefined {
  const state: ProcessState = processState(identity)
  if (state === 'unknown') return readRunFile(stateDir)?.pid === pid ? undefined : true
  return state === 'dead' ? true : undefined
}
