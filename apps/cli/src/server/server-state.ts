import { type ProcessState, processState } from '@conductor/process-identity'
import { isCliError } from '../cli-error.ts'
import { checkIdentity, reachable } from './find-server.ts'
import { readText, request } from './request.ts'
import { type RunFile, readRunFile } from './run-file.ts'

/** What can be told of the server of a state folder. */
export type ServerState =
  | { readonly name: 'stopped' }
  /** The run-file names a process that is proved to be no more. */
  | { readonly name: 'stale'; readonly runFile: RunFile }
  /** It lives, as far as can be told, and does not answer as itself. */
  | { readonly name: 'unhealthy'; readonly runFile: RunFile; readonly problem: string }
  /** It answers, or is about to, and cannot serve yet or any more. */
  | { readonly name: 'not-ready'; readonly runFile: RunFile; readonly problem: string }
  | { readonly name: 'ready'; readonly runFile: RunFile; readonly url: string }

/** How long `/readyz` may take, in milliseconds. */
const ANSWER_WITHIN_MS = 5_000

/** @throws CliError `BAD_FILE` when the run-file is none, or cannot be read. */
export async function lookAtServer(
  stateDir: string,
  stateOf: (identity: RunFile['identity']) => ProcessState = processState,
): Promise<ServerState> {
  const runFile = readRunFile(stateDir)
  if (!runFile) return { name: 'stopped' }
  const { pid, url: listening, identity } = runFile
  if (stateOf(identity) === 'dead') return { name: 'stale', runFile }
  if (listening === '') return { name: 'not-ready', runFile, problem: `pid ${pid} is starting` }
  const url = reachable(listening)
  try {
    await checkIdentity(url, pid)
    const response = await request(`${url}/readyz?verbose`, {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    const text = await readText(response)
    if (response.statusCode === 200) return { name: 'ready', runFile, url }
    return { name: 'not-ready', runFile, problem: failed(text) }
  } catch (error) {
    if (!isCliError(error, 'UNREACHABLE')) throw error
    return { name: 'unhealthy', runFile, problem: error.text }
  }
}

/** The checks that failed, of an answer to `?verbose`. */
function failed(text: string): string {
  const names = [...text.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name)
  return names.length > 0 ? `not ready: ${names.join(', ')}` : 'not ready'
}
