import { setTimeout as sleep } from 'node:timers/promises'
import { killIfThere } from '../conductor-server.ts'
import { processesWith } from '../process-figures.ts'

/** In the environment of a supervisor and of all that it starts; its value is the fleet's folder. */
export const FLEET_VARIABLE = 'BENCH_FLEET'

/** Kills what is left of a fleet, until nothing is. */
export async function endAll(dir: string): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    const pids = processesWith(`${FLEET_VARIABLE}=${dir}`)
    if (pids.length === 0) return
    for (const pid of pids) killIfThere(pid)
    await sleep(20)
  }
  throw new Error(`something in ${dir} does not end`)
}
