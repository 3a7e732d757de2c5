import type { ProcessManager } from '@conductor/process-manager'
import type { EventLog } from '../event-log.ts'
import { toProcessesEvent } from './process-events.ts'

/**
 * Tells what happens to processes to those who listen to the server, and what goes wrong to its log.
 *
 * @returns The unsubscribe.
 */
export function followManager(
  manager: ProcessManager,
  events: Pick<EventLog, 'publish'>,
  onTrouble: (trouble: string, error: unknown) => void,
): () => void {
  return manager.subscribe((event) => {
    const told = toProcessesEvent(event)
    if (told) events.publish(told)
    if (event.type === 'trouble') {
      const whose = event.name === undefined ? 'processes' : `process ${event.name}`
      onTrouble(`${whose}: ${event.text}`, event.error ?? event.text)
    }
  })
}
