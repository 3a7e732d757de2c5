import type { ManagerEvent } from '@conductor/process-manager'
import type { EventLog } from '../event-log.ts'
import { toProcessesEvent } from './process-events.ts'

/** A listener that tells what happens to processes to the server's clients, and what goes wrong to its log. */
export function tellEvents(
  events: Pick<EventLog, 'publish'>,
  onTrouble: (trouble: string, error: unknown) => void,
): (event: ManagerEvent) => void {
  return (event) => {
    const told = toProcessesEvent(event)
    if (told) events.publish(told)
    if (event.type === 'trouble') {
      const whose = event.name === undefined ? 'processes' : `process ${event.name}`
      onTrouble(`${whose}: ${event.text}`, event.error ?? event.text)
    }
  }
}
