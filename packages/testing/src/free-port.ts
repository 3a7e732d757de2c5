import { createServer } from 'node:net'

let next = process.pid

/**
 * For programs that cannot be given port 0. Below the ports that the kernel hands to clients, so that
 * nobody gets it while the program is away.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + (next++ % 20_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
