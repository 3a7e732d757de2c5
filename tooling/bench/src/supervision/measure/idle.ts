import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Measurement } from '../../context.ts'
import { type Figure, figure, lower } from '../../figure.ts'
import { childrenOf, cpuSeconds } from '../../process-figures.ts'
import type { Supervisor } from '../supervisor.ts'
import { nowNs, openFleet } from './fleets.ts'

const DAEMONS = 100
const SETTLE_MS = 5_000
/** Two looks of each liveness check, which come every 30 s, and four samples of memory and CPU. */
const IDLE_MS = 60_000

interface Idle {
  readonly supervisor: Supervisor
  readonly percent: number
  /** With all its helpers. */
  readonly allPercent: number
}

/** All of these at the same time: none of them looks at the processes of the others. */
async function measure(context: Context, supervisors: readonly Supervisor[]): Promise<Idle[]> {
  const results = await Promise.allSettled(
    supervisors.map(async (supervisor) => {
      const plan = { count: DAEMONS, does: ['listen'], comesBack: true, isChecked: true }
      const { fleet, reports, close } = await openFleet(context, supervisor, plan)
      try {
        await fleet.up()
        const daemons = new Set((await reports.take(DAEMONS)).map(({ pid }) => pid))
        await sleep(SETTLE_MS)
        const helpers = childrenOf(fleet.managerPid).filter((pid) => !daemons.has(pid))
        const used = () => [cpuSeconds([fleet.managerPid]), cpuSeconds(helpers)] as const
        const [before, helpersBefore] = used()
        const beganNs = nowNs()
        await sleep(IDLE_MS)
        const [after, helpersAfter] = used()
        const seconds = (nowNs() - beganNs) / 1e9
        const percent = ((after - before) / seconds) * 100
        return {
          supervisor,
          percent,
          allPercent: percent + ((helpersAfter - helpersBefore) / seconds) * 100,
        }
      } finally {
        await close()
      }
    }),
  )
  // Only now that all are closed, one that failed may end it.
  return results.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

export const idle: Measurement = {
  name: 'idle',
  about: `${DAEMONS} listening daemons over ${IDLE_MS / 1_000} s; ours with a liveness check of each every 30 s, and by itself; the others together, without checks, which they have not`,
  async run(context) {
    const [ours, ...others] = context.supervisors
    const results = [
      ...(await measure(context, ours ? [ours] : [])),
      ...(await measure(context, others)),
    ]
    return results.flatMap(({ supervisor: { name, label }, percent, allPercent }): Figure[] => [
      figure(
        `idle.${name}`,
        `idle CPU of the manager: ${label}`,
        '%',
        [percent],
        name === 'conductor' ? lower(0.2, 0.1) : undefined,
      ),
      ...(allPercent > percent
        ? [figure(`idle.${name}.all`, `idle CPU with helpers: ${label}`, '%', [allPercent])]
        : []),
    ])
  },
}
