import type { ProcessJson } from './process-json.ts'
import type { ServerLink } from './server-link.ts'
import { readServerSentEvents } from './server-sent-events.ts'

/** The changes of processes, as they happen. */
export interface ProcessWatch {
  /** Resolves at the end, whoever brought it about. */
  each(listener: (process: ProcessJson) => Promise<void> | undefined): Promise<void>
  end(): Promise<void>
}

/** Resolves once the server has begun to tell: nothing that happens from then on is missed. */
export async function watchProcesses(link: ServerLink): Promise<ProcessWatch> {
  const response = await link.open('/api/events')
  // Ended from our side it is an error, and no news.
  response.on('error', () => {})

  return {
    async each(listener) {
      try {
        for await (const { event, data } of readServerSentEvents(response)) {
          if (event !== 'process.changed') continue
          const { process } = JSON.parse(data) as { readonly process: ProcessJson }
          await listener(process)
        }
      } catch {
        // The server has gone: who asked something of it learns that from the answer.
      }
    },
    async end() {
      response.destroy()
    },
  }
}
