import { join } from 'node:path'
import { processState } from '@conductor/process-identity'
import { CliError } from '../cli-error.ts'
import { readText, request } from './request.ts'
import { readIfThere, readRunFile } from './run-file.ts'

/** A server that answers, and that was proved to be the one of the run-file. */
export interface FoundServer {
  /** Without a slash at the end. */
  readonly url: string
  readonly pid: number
  /** Opens it for whoever may read its state folder. */
  readonly token: string
}

/** `/healthz` needs no work to answer, in milliseconds. */
const ANSWER_WITHIN_MS = 5_000

/**
 * The server that runs on `stateDir`: named in its run-file, alive by pid and start time, and answering
 * as itself.
 *
 * @throws CliError `NOT_RUNNING`, `UNREACHABLE`, `BAD_FILE`, each with what to do.
 */
export async function findServer(stateDir: string): Promise<FoundServer> {
  const runFile = readRunFile(stateDir)
  if (!runFile) throw notRunning(stateDir)
  // One that cannot be told may be alive: then its answer decides.
  if (processState(runFile.identity) === 'dead')
    throw notRunning(stateDir, `; pid ${runFile.pid} has ended without a goodbye`)
  if (runFile.url === '')
    throw new CliError('UNREACHABLE', `the server (pid ${runFile.pid}) is starting; try again`)
  const url = reachable(runFile.url)
  await checkIdentity(url, runFile.pid)
  const token = readIfThere(join(stateDir, 'cli-token'))?.trim()
  if (!token)
    throw new CliError('BAD_FILE', `there is no ${join(stateDir, 'cli-token')}; restart the server`)
  return { url, pid: runFile.pid, token }
}

function notRunning(stateDir: string, more = ''): CliError {
  return new CliError(
    'NOT_RUNNING',
    `no server runs on ${stateDir}${more}; start one with: conductor start, or name its folder with --state-dir`,
  )
}

/** A server on every interface is reached on this machine's own. */
export function reachable(text: string): string {
  const url = new URL(text)
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.hostname === '[::]') url.hostname = '[::1]'
  // With the base path, if it has one.
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** The port may be another program's by now. @throws CliError `UNREACHABLE`. */
export async function checkIdentity(url: string, pid: number): Promise<void> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  const response = await request(`${url}/healthz`, { signal })
  const text = await readText(response)
  const is = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    'service' in value &&
    value.service === 'conductor' &&
    'pid' in value &&
    value.pid === pid
  try {
    if (is(JSON.parse(text))) return
  } catch {
    // As below.
  }
  throw new CliError(
    'UNREACHABLE',
    `${url} is not the server of the run-file (pid ${pid}); if it listens on no loopback address, use its page`,
  )
}
