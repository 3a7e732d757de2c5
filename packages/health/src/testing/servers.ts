import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import process from 'node:process'
import { until } from '@conductor/testing'

/** As vitest's `onTestFinished`. */
export type AtTheEnd = (clean: () => void) => void

/** A real server on port 0 or a unix socket that does `serve` with each connection, until the test's end. */
export async function serve(
  atTheEnd: AtTheEnd,
  answer: (socket: Socket) => void,
  path?: string,
): Promise<{ readonly server: Server; readonly port: number; readonly open: Set<Socket> }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    answer(socket)
  })
  server.listen(path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  atTheEnd(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { server, open, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

/** Another process that echoes what it is sent on a unix socket. */
export async function echoProcess(atTheEnd: AtTheEnd, path: string): Promise<ChildProcess> {
  const program = `require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket))
    .listen(${JSON.stringify(path)}, () => console.log('listening'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  atTheEnd(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

/** Remembers what this process holds now; the function it returns waits until it holds no more than that. */
export async function nothingMore(): Promise<() => Promise<void>> {
  // What an earlier test has closed is gone in the next turn of the loop.
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  const before = held()
  const more = (): string[] =>
    Object.entries(held())
      .filter(([kind, count]) => count > (before[kind] ?? 0))
      .map(([kind, count]) => `${kind} ${before[kind] ?? 0} > ${count}`)
  return async () => {
    await until(() => more().length === 0 || Promise.reject(new Error(more().join(', '))))
  }
}

/** Sockets, pipes, children and timers of this process, by kind. */
function held(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
