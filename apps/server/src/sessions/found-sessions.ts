import type { EventLog } from '../event-log.ts'
import { isServerError } from '../server-error.ts'
import { createEndedSession } from './ended-session.ts'
import type { OpenSession } from './open-session.ts'
import type { OwedPrompts } from './owed-prompts.ts'
import type { Restorer } from './restorer.ts'
import type { SessionRecord } from './session-file.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { Adopted } from './session-runtime.ts'

/**
 * What the end of a machine does to programs, and how those that catch it say so (128 and the number
 * of the signal, as shells do). Nobody who has finished ends by one of them.
 */
const INTERRUPTIONS = new Set<string | number | undefined>([
  'SIGHUP',
  'SIGTERM',
  'SIGKILL',
  128 + 1,
  128 + 15,
  128 + 9,
])

export interface FoundSessionsOptions {
  readonly registry: SessionRegistry
  readonly restorer: Restorer
  readonly prompts: OwedPrompts
  readonly events: EventLog
  readonly isClosing: () => boolean
  readonly remove: (id: string) => Promise<void>
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Sorts what earlier servers have left: what lives goes on, what was interrupted is started again. */
export interface FoundSessions {
  enter(record: SessionRecord, adopted: Adopted): Promise<void>
}

export function createFoundSessions(options: FoundSessionsOptions): FoundSessions {
  const { registry, restorer, prompts, events, isClosing, remove, onTrouble } = options

  async function enter(found: SessionRecord, adopted: Adopted): Promise<void> {
    const { id } = found
    if (isClosing()) return
    if (adopted.kind === 'unborn') return registry.erase(id)
    if (adopted.kind === 'unreachable')
      return registry.enterUnreachable({ record: found, reason: adopted.reason, log: adopted.log })
    const before = registry.entries.get(id)
    // Its name may be another one meanwhile.
    const record = before?.kind === 'unreachable' ? before.record : found
    if (record.isUnwanted) return finishRemoval(record, adopted)
    if (adopted.kind === 'ended' && wasInterrupted(record, adopted))
      return interrupted(record, adopted)
    const open = registry.enter(record, adopted.session)
    if (open.session.state.name === 'exited') return registry.left(open)
    if (before) tell(open)
    prompts.type(open)
  }

  /** The server that was asked to has died over it. */
  async function finishRemoval(record: SessionRecord, adopted: Live): Promise<void> {
    registry.enter(record, adopted.session)
    await remove(record.id)
  }

  async function interrupted(record: SessionRecord, { session }: Live): Promise<void> {
    const { id } = record
    const { log, state } = session
    const lost = (reason: string) =>
      createEndedSession({ record, log, state: { name: 'lost', reason } })
    const why = state.name === 'lost' ? state.reason : 'it was interrupted'
    let open = registry.enter(record, lost(`${why}; it is being started again`))
    try {
      const restoration = await restorer.plan(record)
      if (
        restoration.kind === 'not-resumable' &&
        record.kind === 'shell' &&
        state.name === 'exited'
      ) {
        open = registry.enter(record, session)
        return registry.left(open)
      }
      await restorer.run(record, restoration)
    } catch (error) {
      const text = isServerError(error) ? `${error.code}: ${error.text}` : String(error)
      if (registry.entries.has(id)) tell(registry.enter(record, lost(`${why}; ${text}`)))
      onTrouble(`session ${id} stays ended`, error)
    }
  }

  function tell(open: OpenSession): void {
    events.publish({ type: 'session.state', session: registry.info({ kind: 'open', open }) })
  }

  return { enter }
}

type Live = Extract<Adopted, { kind: 'live' | 'ended' }>

/** Its host died, or somebody ended the program while no server was there to be asked. */
function wasInterrupted({ durability }: SessionRecord, { session }: Live): boolean {
  if (durability === 'server') return false
  const { state } = session
  if (state.name !== 'exited') return state.name === 'lost'
  return INTERRUPTIONS.has(state.exit.signal ?? state.exit.code)
}
