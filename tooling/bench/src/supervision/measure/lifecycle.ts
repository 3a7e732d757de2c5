import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Measurement } from '../../context.ts'
import { type Figure, figure, type Limits, lower } from '../../figure.ts'
import { childrenOf, cpuSeconds, memoryOf } from '../../process-figures.ts'
import { percentile } from '../../statistics.ts'
import type { Supervisor } from '../supervisor.ts'
import { nowNs, openFleet } from './fleets.ts'

/** What is asked for, is asked of so many daemons. */
const ASKED = 100
const FULL = 500

/** Every daemon is killed once; of those that come back after a second, only so many. */
const KILLS_OF_SLOW = 5

/** Until a supervisor has done what it does after a start, in milliseconds. */
const SETTLE_MS = 2_000
/** Between a birth and the next kill, so that one restart is measured at a time, in milliseconds. */
const REST_MS = 25

interface Round {
  readonly upSeconds: number
  readonly upCpuSeconds: number
  readonly rssMib: number
  readonly helpersRssMib: number
  readonly helpers: number
  readonly p50Ms: number
  readonly p95Ms: number
  /** Until the supervisor says itself that it runs. */
  readonly saidP50Ms?: number
  readonly stopSeconds: number
}

async function measure(context: Context, supervisor: Supervisor, count: number): Promise<Round> {
  const plan = { count, does: ['sleep'], comesBack: true }
  const { fleet, reports, close } = await openFleet(context, supervisor, plan)
  try {
    const upAtNs = nowNs()
    const cpuBefore = cpuSeconds([fleet.managerPid])
    await fleet.up()
    const upNs = nowNs()
    const births = await reports.take(count)
    const upSeconds = (Math.max(upNs, ...births.map(({ ns }) => ns)) - upAtNs) / 1e9
    const upCpuSeconds = cpuSeconds([fleet.managerPid]) - cpuBefore
    const pids = new Map(births.map(({ number, pid }) => [number, pid]))

    await sleep(SETTLE_MS)
    const daemonPids = new Set(pids.values())
    const helpers = childrenOf(fleet.managerPid).filter((pid) => !daemonPids.has(pid))
    const { rssMib } = memoryOf(fleet.managerPid)
    const helpersRssMib = helpers.reduce((sum, pid) => sum + memoryOf(pid).rssMib, 0)

    const kills = supervisor.isSlow ? KILLS_OF_SLOW : ASKED
    const bornMs: number[] = []
    const saidMs: number[] = []
    for (let number = 0; number < kills; number++) {
      const killedNs = nowNs()
      process.kill(pids.get(number) ?? 0, 'SIGKILL')
      const [birth] = await reports.take(1)
      if (birth?.number !== number) throw new Error(`${birth?.number} was born, not ${number}`)
      bornMs.push((birth.ns - killedNs) / 1e6)
      pids.set(number, birth.pid)
      await sleep(REST_MS)
      const said = fleet.said.find(({ pid }) => pid === birth.pid)
      if (said) saidMs.push((said.ns - killedNs) / 1e6)
    }

    const downAtNs = nowNs()
    const down = fleet.down()
    await groupsEmpty([...pids.values()])
    await down
    return {
      upSeconds,
      upCpuSeconds,
      rssMib,
      helpersRssMib,
      helpers: helpers.length,
      p50Ms: percentile(bornMs, 0.5),
      p95Ms: percentile(bornMs, 0.95),
      ...(saidMs.length > 0 && { saidP50Ms: percentile(saidMs, 0.5) }),
      stopSeconds: (nowNs() - downAtNs) / 1e9,
    }
  } finally {
    await close()
  }
}

/** Each daemon leads a group, under every supervisor. */
async function groupsEmpty(pids: readonly number[]): Promise<void> {
  for (let left = pids; left.length > 0; await sleep(1)) left = left.filter(isGroupThere)
}

function isGroupThere(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

interface Row {
  readonly id: string
  readonly label: string
  readonly unit: string
  readonly of: (round: Round) => number | undefined
  /** Of ours, with so many daemons as is asked. */
  readonly limits?: Limits
}

const ROWS: readonly Row[] = [
  { id: 'up', label: 'all up', unit: 's', of: (r) => r.upSeconds, limits: lower(0.45, 0.3) },
  { id: 'up.cpu', label: 'all up, CPU of the manager', unit: 's', of: (r) => r.upCpuSeconds },
  {
    id: 'restart.p50',
    label: 'kill -9 to the next birth, p50',
    unit: 'ms',
    of: (r) => r.p50Ms,
    limits: lower(6, 4),
  },
  {
    id: 'restart.p95',
    label: 'kill -9 to the next birth, p95',
    unit: 'ms',
    of: (r) => r.p95Ms,
    limits: lower(9, 6),
  },
  {
    id: 'restart.said',
    label: 'kill -9 to its own event, p50',
    unit: 'ms',
    of: (r) => r.saidP50Ms,
  },
  {
    id: 'memory',
    label: 'memory of the manager, RSS',
    unit: 'MiB',
    of: (r) => r.rssMib,
    limits: lower(65, 55),
  },
  {
    id: 'memory.helpers',
    label: 'memory of its helpers, RSS',
    unit: 'MiB',
    of: (r) => (r.helpers > 0 ? r.helpersRssMib : undefined),
  },
  {
    id: 'stop',
    label: 'all stopped, groups empty',
    unit: 's',
    of: (r) => r.stopSeconds,
    limits: lower(0.2, 0.08),
  },
]

function figuresOf(count: number, rounds: ReadonlyMap<Supervisor, readonly Round[]>): Figure[] {
  const figures: Figure[] = []
  const floors = [...rounds].find(([{ name }]) => name === 'bare')?.[1] ?? []
  for (const { id, label, unit, of, limits } of ROWS) {
    for (const [{ name, label: who }, results] of rounds) {
      const isOurs = name === 'conductor'
      const samples = results.flatMap((each) => of(each) ?? [])
      if (samples.length === 0) continue
      const asked = isOurs && count === ASKED ? limits : undefined
      figures.push(
        figure(`${id}.${name}.${count}`, `${count}: ${label}: ${who}`, unit, samples, asked),
      )
      if (!isOurs || !limits) continue
      const ratios = samples.flatMap((sample, round) => {
        const floor = floors[round] && of(floors[round])
        return floor ? [sample / floor] : []
      })
      figures.push(
        figure(`${id}.ratio.${count}`, `${count}: ${label}: ratio to bare Node`, 'x', ratios),
      )
    }
  }
  return figures
}

export const lifecycle: Measurement = {
  name: 'lifecycle',
  about: `trivial daemons: all up (from the call until it returns and all are born), each killed with -9, one at a time, all stopped; supervisord's second is looked at ${KILLS_OF_SLOW} times`,
  async run(context) {
    const figures: Figure[] = []
    for (const count of context.full ? [ASKED, FULL] : [ASKED]) {
      const rounds = new Map<Supervisor, Round[]>(context.supervisors.map((each) => [each, []]))
      for (let round = 1; round <= context.rounds; round++) {
        for (const [supervisor, results] of rounds)
          results.push(
            await measure(context, supervisor, count).catch((cause) => {
              throw new Error(`${supervisor.label}: ${cause.message}`, { cause })
            }),
          )
        context.say(`${count} daemons, round ${round} of ${context.rounds}`)
      }
      figures.push(...figuresOf(count, rounds))
    }
    return figures
  },
}
