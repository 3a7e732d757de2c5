import type { Clock } from '@conductor/machine'
import type { Launches, Restoration } from '../agents/launches.ts'
import { asShortage, isServerError, ServerError } from '../server-error.ts'
import { createEndedSession } from './ended-session.ts'
import { endLeftovers } from './leftovers.ts'
import type { OpenSession } from './open-session.ts'
import { relaunchSession } from './relaunch-session.ts'
import type { SessionRecord } from './session-file.ts'
import type { SessionRegistry } from './session-registry.ts'
import { inOurWords, type StartedSession, type StartOptions } from './start-session.ts'

/** How long a host may take to prove that it lives after all, in milliseconds. */
const PROOF_WITHIN_MS = 3_000

/** A program whose terminal is gone gets this long to end by itself, in milliseconds. */
const LEFTOVER_MS = 2_000
const LEFTOVER_LOOK_MS = 50

/** Programs that are started at once when a machine comes back: each is a host, and a busy start. */
const AT_ONCE = 4

/** An agent that knows no such session says so and goes within this, in milliseconds. */
const REFUSAL_MS = 15_000

export interface RestorerOptions extends StartOptions {
  readonly registry: SessionRegistry
  readonly launches: Launches
  readonly clock: Clock
  readonly now: () => string
  /** A program was started in the place of the one before. */
  readonly onRestored: (started: StartedSession) => OpenSession
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Starts again what ended with its host. Never what may still run. */
export interface Restorer {
  /** How `record` would come back. @throws ServerError `SESSION_NOT_RESTORABLE` */
  plan(record: SessionRecord): Promise<Restoration>
  /** At start: its host was just proved dead. @throws ServerError */
  run(record: SessionRecord, restoration: Restoration): Promise<OpenSession>
  /**
   * By hand, which also ends what the dead host has left running.
   *
   * @throws ServerError `SESSION_NOT_FOUND`; `SESSION_NOT_RESTORABLE`; `SESSION_NOT_RESUMABLE`; a shortage.
   */
  restore(id: string): Promise<void>
  /** Resolves when nothing is being done about `id`. */
  settled(id: string): Promise<void>
  /** Whether `open` was an agent that refused to go on, so that another program takes its place. */
  refused(open: OpenSession): boolean
}

export function createRestorer(options: RestorerOptions): Restorer {
  const { registry, launches, runtime, clock, now, onRestored, onTrouble } = options
  const running = new Map<string, Promise<unknown>>()
  const untried = new Map<
    OpenSession,
    { readonly otherwise: () => Restoration; readonly untilMs: number }
  >()
  const waiting: (() => void)[] = []
  let busy = 0

  async function plan(record: SessionRecord): Promise<Restoration> {
    const claimed = new Set<string>()
    for (const [id, entry] of registry.entries) {
      const { agentSessionId } = (entry.kind === 'open' ? entry.open : entry).record
      if (agentSessionId !== undefined && id !== record.id) claimed.add(agentSessionId)
    }
    try {
      return await launches.planAgain(record, claimed)
    } catch (error) {
      throw notRestorable(record.id, error)
    }
  }

  async function run(record: SessionRecord, restoration: Restoration): Promise<OpenSession> {
    if (restoration.kind === 'not-resumable') throw notResumable(record.id, restoration.reason)
    await turn()
    try {
      await programIsGone(record)
      const started = await relaunchSession(record, restoration.program, now(), options)
      const open = onRestored(started)
      const { otherwise } = restoration
      if (otherwise) untried.set(open, { otherwise, untilMs: clock.now() + REFUSAL_MS })
      return open
    } catch (error) {
      throw notRestorable(record.id, inOurWords(error))
    } finally {
      busy--
      waiting.shift()?.()
    }
  }

  async function turn(): Promise<void> {
    while (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
    busy++
  }

  /** Two of one agent, on one session, would be worse than none. */
  async function programIsGone(record: SessionRecord): Promise<void> {
    for (let waitedMs = 0; runtime.lifeOf(record) !== 'dead'; waitedMs += LEFTOVER_LOOK_MS) {
      if (waitedMs >= LEFTOVER_MS)
        throw new ServerError(
          'SESSION_NOT_RESTORABLE',
          runtime.lifeOf(record) === 'alive'
            ? `its program, pid ${record.pid}, still runs, without a terminal`
            : `it cannot be told whether its program, pid ${record.pid}, still runs`,
        )
      await new Promise<void>((resolve) => clock.setTimeout(resolve, LEFTOVER_LOOK_MS))
    }
  }

  async function byHand(id: string): Promise<void> {
    const entry = registry.required(id)
    if (entry.kind === 'unreachable') throw notRestorable(id, entry.reason)
    const { session, record } = entry.open
    if (session.state.name !== 'lost')
      throw notRestorable(id, session.state.name === 'exited' ? 'it has ended' : 'it runs')
    // The host was lost sight of: that it is dead has to be proved now.
    runtime.forget(id)
    const adopted = await runtime.adopt(record, PROOF_WITHIN_MS)
    if (adopted.kind === 'unreachable') {
      adopted.log?.close()
      throw notRestorable(id, `its host does not answer: ${adopted.reason}`)
    }
    if (adopted.kind === 'live') {
      registry.enter(record, adopted.session)
      throw notRestorable(id, 'it runs')
    }
    if (adopted.kind === 'ended') adopted.session.close()
    const restoration = await plan(record)
    if (restoration.kind !== 'not-resumable') endLeftovers(record)
    await run(record, restoration)
  }

  function exclusively(id: string, work: () => Promise<unknown>): Promise<void> {
    const known = running.get(id)
    const promise =
      known ??
      Promise.resolve()
        .then(work)
        .finally(() => running.delete(id))
    if (!known) running.set(id, promise)
    return promise.then(() => {})
  }

  return {
    plan,
    async run(record, restoration) {
      let open: OpenSession | undefined
      await exclusively(record.id, async () => {
        open = await run(record, restoration)
      })
      if (!open) throw notRestorable(record.id, 'it is being restored')
      return open
    },
    restore: (id) => exclusively(id, () => byHand(id)),
    async settled(id) {
      await running.get(id)?.catch(() => {})
    },
    refused(open) {
      const { record, session } = open
      const attempt = untried.get(open)
      untried.delete(open)
      const { state } = session
      const isRefusal = state.name === 'exited' && state.exit.code !== 0
      if (!attempt || !isRefusal || clock.now() > attempt.untilMs) return false
      const restoration = attempt.otherwise()
      if (restoration.kind === 'not-resumable') {
        const reason = notResumable(record.id, restoration.reason).message
        const lost = { name: 'lost', reason } as const
        registry.enter(record, createEndedSession({ record, log: session.log, state: lost }))
        return true
      }
      exclusively(record.id, () => run(record, restoration)).catch((error) =>
        onTrouble(`session ${record.id} stays ended`, error),
      )
      return true
    },
  }
}

function notResumable(id: string, reason: string): ServerError {
  return new ServerError('SESSION_NOT_RESUMABLE', `session ${id} cannot be resumed: ${reason}`)
}

/** What is a fault of a new session's request, or no fault at all, is no news here. */
function notRestorable(id: string, why: unknown): unknown {
  const known = asShortage(why)
  if (known) return known
  if (isServerError(why) && !['BAD_FIELD', 'SPAWN_FAILED'].includes(why.code)) return why
  const text = isServerError(why) ? why.text : why instanceof Error ? why.message : String(why)
  return new ServerError('SESSION_NOT_RESTORABLE', `session ${id} cannot be restored: ${text}`, {
    ...(why instanceof Error && { cause: why }),
  })
}
