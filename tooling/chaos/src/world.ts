import { temporaryFolder } from '@conductor/testing'
import { type Api, login } from './api.ts'
import { type ChaosProxy, createChaosProxy } from './chaos-proxy.ts'
import {
  createServerProcess,
  type ServerProcess,
  type ServerProcessOptions,
} from './server-process.ts'
import { createViewer, type Viewer, type ViewerOptions } from './viewer.ts'

export interface WorldOptions extends Partial<Omit<ServerProcessOptions, 'origins'>> {
  /** How many proxies stand before the server (default: 0). */
  readonly proxies?: number | undefined
  /** Another build of the server, for its first life. */
  readonly program?: string | undefined
}

/** A running server, somebody who is logged in, and proxies that lead to it. All gone after the test. */
export interface World {
  readonly server: ServerProcess
  readonly api: Api
  readonly proxies: readonly ChaosProxy[]
  /** Somebody who looks at a session, through a proxy or directly. */
  view(id: string, options?: Partial<ViewerOptions> & { readonly proxy?: ChaosProxy }): Viewer
}

/** @param atTheEnd `onTestFinished`, or `afterAll`. */
export async function createWorld(
  atTheEnd: (act: () => void | Promise<void>) => void,
  options: WorldOptions = {},
): Promise<World> {
  const { proxies: count = 0, dir = temporaryFolder(atTheEnd), env, program, ...rest } = options
  const proxies = await Promise.all(Array.from({ length: count }, createChaosProxy))
  const server = createServerProcess({
    dir,
    env: { AI_CONDUCTOR_SILENCE: '2s', ...env },
    origins: proxies.map(({ origin }) => origin),
    ...rest,
  })
  const viewers: Viewer[] = []
  atTheEnd(async () => {
    await Promise.all(viewers.map((viewer) => viewer.close()))
    await server.destroy()
    await Promise.all(proxies.map((proxy) => proxy.close()))
  })
  await server.start(program)
  for (const proxy of proxies) proxy.aim(server.port)
  const api = await login(() => server.url)
  return {
    server,
    api,
    proxies,
    view(id, { proxy, ...viewerOptions } = {}) {
      const viewer = createViewer({
        address: () => proxy?.origin ?? server.url,
        token: api.token,
        id,
        ...viewerOptions,
      })
      viewers.push(viewer)
      return viewer
    },
  }
}
