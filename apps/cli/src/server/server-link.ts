import type { IncomingMessage } from 'node:http'
import { CliError } from '../cli-error.ts'
import { type FoundServer, findServer } from './find-server.ts'
import { type Ask, readText, request } from './request.ts'

/** Asks the server of a state folder, in the name of a command. */
export interface ServerLink {
  /** @throws CliError `REFUSED` with the server's own words; `UNREACHABLE`; as `findServer`. */
  json<T>(path: string, ask?: Ask): Promise<T>
  /** An answer to be read by the caller. */
  open(path: string, ask?: Ask): Promise<IncomingMessage>
}

export interface ServerLinkOptions {
  readonly stateDir: string
  /** Who asks, for the tally, as `conductor restart`. */
  readonly actor: string
  /** Ends what is being asked. */
  readonly signal: AbortSignal
}

export function createServerLink({ stateDir, actor, signal }: ServerLinkOptions): ServerLink {
  let known: Promise<FoundServer> | undefined

  async function open(path: string, ask: Ask = {}): Promise<IncomingMessage> {
    known ??= findServer(stateDir)
    try {
      const { url, token } = await known
      const headers = { 'X-Session-Token': token, 'X-Conductor-Actor': actor, ...ask.headers }
      const response = await request(url + path, { signal, ...ask, headers })
      const { statusCode = 0 } = response
      if (statusCode < 400) return response
      throw refusal(await readText(response), statusCode)
    } catch (error) {
      // The next one may be another server, with another port and another token.
      known = undefined
      throw error
    }
  }

  return {
    open,
    json: async <T>(path: string, ask?: Ask) =>
      // The server is ours, and its tests hold the shape.
      JSON.parse(await readText(await open(path, ask))) as T,
  }
}

interface Problem {
  readonly error: string
  readonly details?: readonly { readonly field: string; readonly problem: string }[]
}

function refusal(text: string, status: number): CliError {
  let found: Partial<Problem> = {}
  try {
    found = JSON.parse(text) as Partial<Problem>
  } catch {
    // A proxy in between.
  }
  return new CliError('REFUSED', found.error ?? `the server answered ${status}`, { status })
}

/** A name in a path. */
export function pathOf(name: string, rest = ''): string {
  return `/api/processes/${encodeURIComponent(name)}${rest}`
}
