import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { identifySelf } from '@conductor/process-identity'

/** `onTestFinished` of vitest. */
export type AtTheEnd = (action: () => void) => void

/** One request, as the fake has got it. */
export interface Asked {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface FakeServer {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Breaks every connection off and listens no more, as one that is killed. The run-file stays. */
  kill(): void
}

/** What it returns is sent as JSON; with `undefined` it has answered itself. */
export type Route = (request: Asked, response: ServerResponse) => unknown

/** By `METHOD /path`, without what follows a `?`. */
export type Routes = Readonly<Record<string, Route>>

export const TOKEN: string = 'ab'.repeat(32)

/** A server that answers as the test says, with its run-file and token in `stateDir`. */
export async function fakeServer(
  atTheEnd: AtTheEnd,
  stateDir: string,
  routes: Routes,
): Promise<FakeServer> {
  const asked: Asked[] = []
  const server: Server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString()
    const { method, url = '', headers } = request
    if (url === '/healthz') {
      response.end(JSON.stringify({ status: 'ok', service: 'conductor', pid: process.pid }))
      return
    }
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const one: Asked = { line: `${method} ${url}`, headers, body }
    asked.push(one)
    const route = routes[`${method} ${url.replace(/\?.*/, '')}`]
    if (!route) response.writeHead(404).end(JSON.stringify({ error: `no ${one.line}` }))
    else {
      const value = await route(one, response)
      if (value !== undefined) response.end(JSON.stringify(value))
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Of a server that listens on TCP.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeRunFile(stateDir, { url })
  writeFileSync(join(stateDir, 'cli-token'), `${TOKEN}\n`)
  const kill = () => {
    server.close()
    server.closeAllConnections()
  }
  atTheEnd(kill)
  return { url, asked, kill }
}

/** A run-file of this very process, unless `over` says otherwise. */
export function writeRunFile(stateDir: string, over: object): void {
  const identity = identifySelf()
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(
    join(stateDir, 'running.json'),
    JSON.stringify({ pid: identity.pid, port: 1, url: '', identity, ...over }),
  )
}
