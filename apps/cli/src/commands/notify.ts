import { resolve } from 'node:path'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { reachable } from '../server/find-server.ts'
import { readText, request } from '../server/request.ts'
import { readIfThere } from '../server/run-file.ts'

export const NOTIFY_STATES = ['waiting', 'working', 'done', 'failed'] as const

export interface NotifyOptions {
  readonly state: (typeof NOTIFY_STATES)[number]
  readonly text?: string
  /** Never fails, and says nothing: an agent is not to stumble over this. */
  readonly quiet?: boolean
}

/** An agent waits for its hooks: it is not kept longer than a second, with the start of this program. In milliseconds. */
const WITHIN_MS = 600

/**
 * Says how the program in this session gets on. It prints nothing where that works, because some agents read
 * what their hooks print.
 */
export async function notify(context: Context, options: NotifyOptions): Promise<ExitCode> {
  try {
    await report(context, options)
    return 0
  } catch (error) {
    if (options.quiet) return 0
    throw error
  }
}

async function report({ env, cwd }: Context, { state, text }: NotifyOptions): Promise<void> {
  const named = env['CONDUCTOR_NOTIFY_FILE']
  if (!named)
    throw new CliError(
      'FAILED',
      'CONDUCTOR_NOTIFY_FILE is not set: this is for programs that run in a session',
    )
  const { sessionId, token, url } = readKey(resolve(cwd, named))
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/attention`
  const response = await request(reachable(url) + path, {
    method: 'POST',
    body: { state, ...(text !== undefined && { text }) },
    headers: { 'X-Session-Token': token, 'X-Conductor-Actor': 'conductor notify' },
    signal: AbortSignal.timeout(WITHIN_MS),
  })
  const answer = await readText(response)
  const { statusCode = 0 } = response
  if (statusCode >= 400)
    throw new CliError('REFUSED', `the server refuses: ${answer}`, { status: statusCode })
}

interface Key {
  readonly sessionId: string
  readonly token: string
  readonly url: string
}

/** @throws CliError `BAD_FILE`. */
function readKey(path: string): Key {
  try {
    const key: unknown = JSON.parse(readIfThere(path) ?? '')
    if (isKey(key)) return key
  } catch {
    // As below.
  }
  throw new CliError('BAD_FILE', `${path} holds no key of a session; has it ended?`)
}

function isKey(value: unknown): value is Key {
  if (typeof value !== 'object' || value === null) return false
  return (['sessionId', 'token', 'url'] as const).every(
    (name) => typeof Reflect.get(value, name) === 'string',
  )
}
