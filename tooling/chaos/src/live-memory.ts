import { once } from 'node:events'
import { until } from '@conductor/testing'
import { WebSocket } from 'ws'
import type { ServerProcess } from './server-process.ts'

/** Lets {@link readLiveMemory} in: for the environment of a server. Nothing listens before it asks. */
export const INSPECTABLE: Readonly<Record<string, string>> = { NODE_OPTIONS: '--inspect-port=0' }

/**
 * What a server really holds, in bytes: its heap and its buffers after a full collection. Resident
 * memory would also count garbage that nobody has needed to collect yet.
 */
export async function readLiveMemory(server: ServerProcess): Promise<number> {
  process.kill(server.pid, 'SIGUSR1')
  const address = await until(() => /Debugger listening on (ws:\/\/\S+)/.exec(server.output)?.[1], {
    what: 'the inspector listens',
  })
  const socket = new WebSocket(address)
  await once(socket, 'open')
  try {
    let lastId = 0
    const ask = async (method: string, params: object = {}): Promise<unknown> => {
      const id = ++lastId
      socket.send(JSON.stringify({ id, method, params }))
      for (;;) {
        const [data] = await once(socket, 'message')
        const answer = JSON.parse(String(data))
        if (answer.id === id) return answer.result
      }
    }
    await ask('HeapProfiler.enable')
    // The second one takes what the first one's finalisers have let go of.
    for (let pass = 0; pass < 2; pass++) await ask('HeapProfiler.collectGarbage')
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())'
    const { result } = (await ask('Runtime.evaluate', { expression })) as {
      readonly result: { readonly value: number }
    }
    return result.value
  } finally {
    socket.terminate()
  }
}
