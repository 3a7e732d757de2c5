import type { Clock } from '@conductor/machine'
import type { SessionMember } from './session-processes.ts'

/** After SIGKILL, a process that waits for a broken device may stay for ever: wait this long, in milliseconds. */
const KILL_PATIENCE_MS = 2_000

/** How often the processes are looked through, in milliseconds: soon at first, since most obey at once. */
const POLL_FIRST_MS = 2
const POLL_LONGEST_MS = 50

export interface EndSessionOptions {
  /** Who is left. */
  readonly members: () => readonly SessionMember[]
  /** Signals exactly that process. */
  readonly signal: (member: SessionMember, signal: NodeJS.Signals) => void
  readonly clock: Clock
  /** Told of those that even SIGKILL did not end, or that may not be signalled. */
  readonly onSurvivors: (members: readonly SessionMember[]) => void
}

export interface SessionEnder {
  /** Resolves when nobody is left, or the survivors were told. A second call can only shorten the grace. */
  end(graceMs: number): Promise<void>
}

type Phase = 'SIGHUP' | 'SIGTERM' | 'SIGKILL'

/** Ends every process of a session, politely at first, until none is left. */
export function createSessionEnder(options: EndSessionOptions): SessionEnder {
  const { members, signal, clock, onSurvivors } = options
  let running: { promise: Promise<void>; startMs: number; graceMs: number } | undefined

  function run(graceMs: number): Promise<void> {
    const startMs = clock.now()
    const told = new Set<string>()
    let pollMs = POLL_FIRST_MS
    let emptyLooks = 0
    let lastPhase: Phase = 'SIGHUP'

    const promise = new Promise<void>((resolve) => {
      function finish(): void {
        running = undefined
        resolve()
      }

      function step(): void {
        const left = members()
        // Somebody may have moved on to a pid that was passed already: only a second look proves it.
        emptyLooks = left.length === 0 ? emptyLooks + 1 : 0
        const { phase, spentMs, wholeMs } = now()
        const hopeless = left.length > 0 && spentMs >= wholeMs + KILL_PATIENCE_MS
        if (hopeless) onSurvivors(left)
        if (hopeless || emptyLooks === 2) {
          finish()
          return
        }
        for (const member of left) tell(member, phase)
        if (left.length === 0 || phase !== lastPhase) pollMs = POLL_FIRST_MS
        lastPhase = phase
        clock.setTimeout(step, pollMs)
        pollMs = Math.min(pollMs * 2, POLL_LONGEST_MS)
      }

      function now(): { phase: Phase; spentMs: number; wholeMs: number } {
        const spentMs = clock.now() - startMs
        const wholeMs = running?.graceMs ?? graceMs
        if (spentMs >= wholeMs) return { phase: 'SIGKILL', spentMs, wholeMs }
        return { phase: spentMs * 3 >= wholeMs ? 'SIGTERM' : 'SIGHUP', spentMs, wholeMs }
      }

      /** Each process gets each signal once, SIGKILL as often as it is seen. */
      function tell(member: SessionMember, phase: Phase): void {
        const key = `${member.pid} ${member.startTime} ${phase}`
        if (phase !== 'SIGKILL' && told.has(key)) return
        told.add(key)
        signal(member, phase)
        // One that is stopped would never hear of it.
        if (phase !== 'SIGKILL') signal(member, 'SIGCONT')
      }

      running = { promise: Promise.resolve(), startMs, graceMs }
      step()
    })
    if (running) running.promise = promise
    return promise
  }

  return {
    end(graceMs) {
      if (!running) return run(graceMs)
      running.graceMs = Math.min(running.graceMs, clock.now() - running.startMs + graceMs)
      return running.promise
    },
  }
}
