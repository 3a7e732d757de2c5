import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { openReports, type Reports } from '../reports.ts'
import type { Daemon, Fleet, Supervisor } from '../supervisor.ts'

/** A supervisor with daemons that it has not started yet, and what they report. */
export interface OpenedFleet {
  readonly fleet: Fleet
  readonly reports: Reports
  readonly daemons: readonly Daemon[]
  close(): Promise<void>
}

export interface FleetPlan {
  readonly count: number
  /** What each does after its birth. */
  readonly does: readonly string[]
  readonly comesBack: boolean
  readonly isChecked?: boolean
}

/** Opens a supervisor in a folder of its own, which `close` removes. */
export async function openFleet(
  { dir, native }: Context,
  supervisor: Supervisor,
  { count, does, comesBack, isChecked = false }: FleetPlan,
): Promise<OpenedFleet> {
  const own = mkdtempSync(join(dir, 's-'))
  const home = join(own, 'h')
  mkdirSync(home, { mode: 0o700 })
  const reports = openReports(join(own, 'r'))
  const daemons = Array.from({ length: count }, (_, number) => ({
    name: `d${number}`,
    command: [native.daemon, reports.path, String(number), ...does],
    comesBack,
    isChecked,
  }))
  const discard = () => {
    reports.close()
    rmSync(own, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const fleet = await supervisor.open(home, daemons)
    return {
      fleet,
      reports,
      daemons,
      async close() {
        await fleet.close()
        discard()
      },
    }
  } catch (error) {
    discard()
    throw error
  }
}

export function nowNs(): number {
  return Number(process.hrtime.bigint())
}
