import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Measurement } from '../../context.ts'
import { figure, higher } from '../../figure.ts'
import { childCpuSeconds, cpuSeconds, rssMib } from '../../process-figures.ts'
import type { Supervisor } from '../supervisor.ts'
import { nowNs, openFleet } from './fleets.ts'

const BYTES = 200_000_000
const PATIENCE_MS = 60_000

interface Round {
  readonly mbPerSecond: number
  readonly cpuPerGb: number
  readonly rssMib: number
}

async function measure(context: Context, supervisor: Supervisor): Promise<Round> {
  const plan = { count: 1, does: ['write', String(BYTES)], comesBack: false }
  const { fleet, reports, daemons, close } = await openFleet(context, supervisor, plan)
  try {
    const { managerPid } = fleet
    const cpuBefore = cpuSeconds([managerPid]) + childCpuSeconds(managerPid)
    const [, [born, done]] = await Promise.all([fleet.up(), reports.take(2)])
    const [daemon] = daemons
    if (!born || done?.what !== 'done' || !daemon) throw new Error('it has not written all')
    const endMs = performance.now() + PATIENCE_MS
    while (isThere(done.pid) || !fleet.isLogged(daemon, BYTES)) {
      if (performance.now() > endMs)
        throw new Error(`the log of ${supervisor.label} never came to what it should be`)
      await sleep(1)
    }
    const seconds = (nowNs() - born.ns) / 1e9
    // The writer has been waited for, and so counts among the ended children.
    const cpu =
      cpuSeconds([managerPid]) + childCpuSeconds(managerPid) - cpuBefore - done.cpuNs / 1e9
    return {
      mbPerSecond: BYTES / 1e6 / seconds,
      cpuPerGb: Math.max(0, cpu) / (BYTES / 1e9),
      rssMib: rssMib(managerPid),
    }
  } finally {
    await close()
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export const logCapture: Measurement = {
  name: 'logs',
  about: `one daemon writes ${BYTES / 1e6} MB in 64 KiB writes, until it has exited and all is in its log; ours and supervisord rotate at 10 MiB, and have to be under their 40 MiB`,
  async run(context) {
    const rounds = new Map<Supervisor, Round[]>(context.supervisors.map((each) => [each, []]))
    for (let round = 1; round <= context.rounds; round++)
      for (const [supervisor, results] of rounds) results.push(await measure(context, supervisor))
    return [...rounds].flatMap(([{ name, label }, results]) => {
      const isOurs = name === 'conductor'
      const of = (pick: (round: Round) => number) => results.map(pick)
      return [
        figure(
          `logs.${name}.rate`,
          `into the log: ${label}`,
          'MB/s',
          of((each) => each.mbPerSecond),
          isOurs ? higher(700, 1_500) : undefined,
        ),
        figure(
          `logs.${name}.cpu`,
          `into the log: ${label}, CPU of manager and helpers`,
          's/GB',
          of((each) => each.cpuPerGb),
        ),
        figure(
          `logs.${name}.rss`,
          `into the log: ${label}, RSS after it`,
          'MiB',
          of((each) => each.rssMib),
        ),
      ]
    })
  },
}
