import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { openServerLog, type ServerLog } from '../server/server-log.ts'
import { lookAtServer, type ServerState } from '../server/server-state.ts'
import type { SpawnedServer } from '../server/spawn-server.ts'
import { lookUntil } from '../sleep.ts'

export interface StartOptions {
  readonly json?: boolean
  /** How long it may take to be ready, in milliseconds. */
  readonly timeout: number
}

type Ready = Extract<ServerState, { name: 'ready' }>

/**
 * Starts the server in the background, and waits until it is ready.
 *
 * One that runs already is as good. Of two starts at once the server's own claim on its folder lets
 * one win, and the other waits for that one.
 */
export async function start(
  context: Context,
  stateDir: string,
  settings: Readonly<Record<string, string>>,
  { json = false, timeout }: StartOptions,
): Promise<ExitCode> {
  const { out, style } = context
  const before = await lookAtServer(stateDir)
  const passwordFile = join(stateDir, 'password')
  const knewPassword = existsSync(passwordFile)
  const started =
    before.name === 'stopped' || before.name === 'stale'
      ? await startAndWait(context, stateDir, settings, timeout)
      : { ...(await waitForOther(context, stateDir, timeout)), isOurs: false }
  const { isOurs, ready } = started
  const { pid } = ready.runFile
  const isNewPassword = isOurs && !knewPassword && existsSync(passwordFile)
  if (json) {
    await printJson(out, {
      ...{ state: 'ready', pid, url: ready.url, alreadyRunning: !isOurs, stateDir },
      ...(isNewPassword && { passwordFile }),
    })
    return 0
  }
  const what = isOurs ? 'the server is ready' : 'a server runs already'
  await out.write(`${what}: ${style('bold', ready.url)} (pid ${pid})\n`)
  if (isNewPassword) {
    const password = readFileSync(passwordFile, 'utf8').trim()
    await out.write(`password: ${style('bold', password)} (kept in ${passwordFile})\n`)
  }
  return 0
}

async function startAndWait(
  context: Context,
  stateDir: string,
  settings: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly ready: Ready; readonly isOurs: boolean }> {
  const log = openServerLog(stateDir)
  try {
    const server = context.spawnServer({ settings, logFd: log.fd })
    const ready = await waitForOurs(context, stateDir, timeoutMs, server, log)
    if (ready) return { ready, isOurs: true }
    return { ...(await waitForOther(context, stateDir, timeoutMs)), isOurs: false }
  } finally {
    log.close()
  }
}

/** @returns `undefined` when another server has the folder, and ours has therefore ended. */
async function waitForOurs(
  context: Context,
  stateDir: string,
  timeoutMs: number,
  { pid, ended }: SpawnedServer,
  log: ServerLog,
): Promise<Ready | undefined> {
  let end: string | undefined
  void ended.then((how) => {
    end = how
  })
  const found = await lookUntil(context, timeoutMs, async () => {
    // In this order: what is seen after the end is what the end has left.
    const how = end
    const state = await lookAtServer(stateDir)
    if (state.name === 'ready' && state.runFile.pid === pid) return { state }
    return how === undefined ? undefined : { how, state }
  })
  if (found && !('how' in found)) return found.state
  if (found && found.state.name !== 'stopped' && found.state.name !== 'stale') return undefined
  const lines = log.lastLines().map((line) => `\n  ${line}`)
  const what = found
    ? `the server did not start (${found.how})`
    : `the server (pid ${pid}) is not ready after ${timeoutMs / 1_000} s, and goes on trying`
  throw new CliError('FAILED', `${what}; its log, ${log.path}, ends with:${lines.join('')}`)
}

/** Somebody else's server, which nobody here may end. */
async function waitForOther(
  context: Context,
  stateDir: string,
  timeoutMs: number,
): Promise<{ readonly ready: Ready }> {
  let last: ServerState = { name: 'stopped' }
  const ready = await lookUntil(context, timeoutMs, async () => {
    last = await lookAtServer(stateDir)
    return last.name === 'ready' ? last : undefined
  })
  if (ready) return { ready }
  // Assigned in the function above, which the compiler does not follow.
  const state = last as ServerState
  if (state.name === 'unhealthy' || state.name === 'not-ready')
    throw new CliError(
      'FAILED',
      `pid ${state.runFile.pid} has ${stateDir} and is not ready: ${state.problem}; wait, or end it with: conductor stop --force`,
    )
  throw new CliError('FAILED', `the server on ${stateDir} has ended meanwhile; start it again`)
}
