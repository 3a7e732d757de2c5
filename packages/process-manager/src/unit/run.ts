import type { Clock } from '@conductor/machine'
import type { Exit } from '@conductor/restart-policy'
import type { Launched } from '../launch/launch.ts'
import type { LifeInput } from '../life/life.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { Usage } from '../manager-api.ts'
import type { RunRecord } from '../records/process-record.ts'
import type { ResolvedSpec } from '../spec/check-spec.ts'
import type { Member, Tree } from '../tree/tree.ts'
import type { Platform, Watched } from './platform.ts'
import { watchReadiness } from './readiness.ts'

export interface RunOptions {
  readonly spec: ResolvedSpec
  readonly socketPath: string
  readonly record: RunRecord
  /** Absent when an earlier manager started it. */
  readonly launched?: Launched | undefined
  readonly log: ProcessLog
  readonly platform: Platform
  readonly clock: Clock
  readonly send: (input: LifeInput) => void
  /** Something that `getProcessInfo` shows has changed. */
  readonly onChange: () => void
  readonly onUsage: (usage: Usage) => void
  readonly onTrouble: (text: string, error?: unknown) => void
}

/** One run of a program, from its launch until nothing of its tree is left. */
export interface Run {
  readonly tree: Tree
  readonly record: RunRecord
  readonly adopted: boolean
  /** False while its readiness check fails. */
  readonly ready: boolean
  readonly failedHealthChecks: number
  readonly usage: Usage | undefined
  /** When its liveness was last looked at, in milliseconds since 1970. */
  readonly lastCheckAt: number | undefined
  /** What its last failed check said. */
  readonly complaint: string | undefined
  /** What even SIGKILL left, once that is known. */
  readonly survivors: readonly Member[]
  /** Looks for what makes it ready, until that is so. */
  awaitReady(): void
  /** From now on its health, memory and CPU count. */
  watchHealth(): void
  /** Asks all of it to go, and says `empty` once it has. */
  terminate(): void
  kill(): void
  /** Watches nothing any more. What runs goes on. */
  detach(): void
}

/** Over the limit in two samples in a row, so that a start or a burst is forgiven. */
const SAMPLES_OVER_CPU = 2

/** Begins to watch a run. The program itself is let go by the caller. */
export function watchRun(options: RunOptions): Run {
  const { spec, record, launched, log, platform, clock, send } = options
  const { onChange, onUsage, onTrouble } = options
  const { identity, cookie, cgroup } = record
  const ends: (() => void)[] = []
  const emptied = new AbortController()
  let leaderEndedAt: number | undefined
  /** Whoever waits for the end of it all learns meanwhile that its leader has ended. */
  const tree: Tree = {
    leader: identity,
    cookie,
    cgroup,
    get leaderEndedAt() {
      return leaderEndedAt
    },
  }
  let liveness: Watched | undefined
  let readiness: Watched | undefined
  let awaited: (() => void) | undefined
  let ready = true
  let usage: Usage | undefined
  let lastCheckAt: number | undefined
  let complaint: string | undefined
  let survivors: readonly Member[] = []
  /** It was told to go: then its whole tree is waited for. */
  let leaving = false
  let ending = false
  let samplesOver = 0

  function exited(exit: Exit): void {
    leaderEndedAt = platform.ticksNow()
    stopWatching()
    // Whoever waits for all of it looks for the others anyhow.
    const leftovers = leaving || !platform.isGroupEmpty(tree) || platform.hasOrphans(tree)
    if (leftovers === undefined) void findLeftovers(exit)
    else send({ type: 'exited', exit, leftovers })
  }

  /** One who has left the group would hold the port of the next run, too. */
  async function findLeftovers(exit: Exit): Promise<void> {
    const left = await platform.members(tree).catch(() => undefined)
    send({ type: 'exited', exit, leftovers: left?.length !== 0 })
  }

  function stopWatching(): void {
    for (const end of ends.splice(0)) end()
  }

  function judge(sample: Usage): void {
    usage = sample
    onUsage(sample)
    const { memoryBytes = Infinity, cpuPercent = Infinity } = spec.limits
    samplesOver = (sample.cpuPercent ?? 0) > cpuPercent ? samplesOver + 1 : 0
    if (sample.rssBytes > memoryBytes)
      send({ type: 'condemn', exit: { kind: 'memory', bytes: sample.rssBytes } })
    else if (samplesOver >= SAMPLES_OVER_CPU)
      send({ type: 'condemn', exit: { kind: 'cpu', percent: sample.cpuPercent ?? 0 } })
  }

  /** The same for a graceful end and for what a crash has left: until nothing is there. */
  function end(): void {
    if (ending) return
    ending = true
    platform.whenEmpty(tree, emptied.signal).then(
      () => send({ type: 'empty' }),
      (error: unknown) => {
        if (!emptied.signal.aborted) onTrouble('cannot tell whether all of it has ended', error)
      },
    )
  }

  if (launched)
    ends.push(
      launched.onExit(({ code, signal }) =>
        exited(signal === null ? { kind: 'code', code: code ?? 0 } : { kind: 'signal', signal }),
      ),
    )
  else ends.push(platform.watchExit(identity, () => exited({ kind: 'unseen' })))

  return {
    tree,
    record,
    adopted: !launched,
    get ready() {
      return ready
    },
    get failedHealthChecks() {
      return liveness?.failures ?? 0
    },
    get usage() {
      return usage
    },
    get lastCheckAt() {
      return lastCheckAt
    },
    get complaint() {
      return complaint
    },
    get survivors() {
      return survivors
    },
    awaitReady() {
      awaited = watchReadiness({
        ready: spec.ready,
        socketPath: options.socketPath,
        launched,
        log,
        logFrom: record.logFrom,
        startedAt: record.startedAt,
        platform,
        clock,
        onReady: () => send({ type: 'ready' }),
        onComplaint: (text) => {
          complaint = text
        },
      })
      ends.push(awaited)
    },
    watchHealth() {
      awaited?.()
      complaint = undefined
      if (spec.liveness) {
        let isUnhealthy = false
        let status: string | undefined
        // "Cannot tell" is never "dead": it takes a look that really failed.
        const judgeHealth = (): void => {
          if (isUnhealthy && status === 'fail')
            send({ type: 'condemn', exit: { kind: 'probe', probe: 'liveness' } })
        }
        const watched = platform.watchCheck(spec.liveness, {
          result: (result) => {
            lastCheckAt = clock.date()
            // A row of good looks is no news.
            if (result.status !== 'pass' || status !== 'pass') onChange()
            status = result.status
            complaint = status === 'pass' ? undefined : result.message
            judgeHealth()
          },
          change: (state) => {
            isUnhealthy = state === 'unhealthy'
            if (isUnhealthy && status === 'unknown')
              onTrouble(`whether it lives cannot be told: ${complaint}`)
            judgeHealth()
          },
        })
        liveness = watched
        ends.push(() => watched.close())
      }
      if (spec.readiness) {
        ready = false
        const watched = platform.watchCheck(spec.readiness, {
          result: () => {},
          change: (state) => {
            ready = state === 'healthy'
            onChange()
          },
        })
        readiness = watched
        ends.push(() => readiness?.close())
      }
      ends.push(platform.watchUsage(tree, judge))
    },
    terminate() {
      leaving = true
      stopWatchingHealth()
      platform
        .signalTree(tree, spec.stop.signal)
        .then((sent) => {
          if (sent === 'refused') onTrouble('it is not ours to signal, or cannot be identified')
        })
        .catch((error: unknown) => onTrouble('it could not be signalled', error))
        .finally(end)
    },
    kill() {
      leaving = true
      platform.killTree(tree).then(
        (left) => {
          survivors = left
        },
        (error: unknown) => onTrouble('it could not be killed', error),
      )
      end()
    },
    detach() {
      stopWatching()
      emptied.abort()
    },
  }

  /** Its end is still awaited: only what judges it is switched off. */
  function stopWatchingHealth(): void {
    awaited?.()
    liveness?.close()
    readiness?.close()
  }
}

/** `redis-server (pid 77)` */
export function memberText({ name, identity }: Member): string {
  return `${name} (pid ${identity.pid})`
}
