import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, isAlive, seeded, temporaryFolder, until } from '@conductor/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ManagerEvent } from './manager-api.ts'
import { createProcessManager } from './process-manager.ts'
import {
  killUnder,
  livingUnder,
  type ManagerProcess,
  startManager,
} from './testing/manager-process.ts'
import { AT_ONCE, pidsIn, script } from './testing/manager-testing.ts'

// A manager is killed at every step of a start, a stop, a restart and an adoption, and another one
// has to find its way. CRASH_POINTS=all tries each of them; otherwise every test run takes its sample.
const all = process.env['CRASH_POINTS'] === 'all'
/** Of each scenario. */
const SAMPLE = 8
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const AT_A_TIME = 2
const PATIENCE = { timeoutMs: 20_000 }

let program = ''
beforeAll(() => {
  const { atTheEnd, end } = ending()
  program = bundle(new URL('./testing/manager-program.ts', import.meta.url), atTheEnd)
  return end
})

type Scenario = 'start' | 'stop' | 'restart' | 'adopt'
const cases = (['start', 'stop', 'restart', 'adopt'] as const).flatMap((scenario) =>
  [true, false].map((outlive) => ({ scenario, outlive })),
)

/** Notes its birth, and that another of it was alive, of which the lock is the proof. */
const DAEMON = `exec 9>lock; flock -n 9 || { echo $$ >>conflicts; exit 9; }; echo $$ >>births; exec sleep 1000`

describe(`a manager that is killed (CRASH_SEED=${seed})`, () => {
  it.each(cases)(
    'at any step of: $scenario, outlive $outlive, leaves nothing that the next one cannot put right',
    async ({ scenario, outlive }) => {
      const steps = await crash(scenario, outlive)
      expect(steps.length).toBeGreaterThan(10)
      const points = all ? [...steps.keys()] : sample(steps.length)
      const next = points.values()
      await Promise.all(
        Array.from({ length: AT_A_TIME }, async () => {
          for (const at of next)
            await crash(scenario, outlive, at).catch((error: unknown) => {
              throw new Error(`killed at point ${at}, ${steps[at]}`, { cause: error })
            })
        }),
      )
    },
    600_000,
  )
})

/** Plays a scenario, with the death of the manager at a point. @returns the points that it passed. */
async function crash(
  scenario: Scenario,
  outlive: boolean,
  at?: number,
): Promise<readonly string[]> {
  const { atTheEnd, end } = ending()
  const root = temporaryFolder(atTheEnd)
  const spec = script('a', DAEMON, { outlive, restart: AT_ONCE, stop: { graceMs: 2_000 } })
  try {
    let victim = startManager(program, root, { atTheEnd })
    await victim.call('add', spec)
    if (scenario !== 'start') await victim.call('up')
    if (scenario === 'adopt') {
      await until(() => pidsIn(join(root, 'a', 'births')).length === 1, PATIENCE)
      await victim.kill()
      victim = startManager(program, root, { atTheEnd, crashAtOpen: at ?? Infinity })
    } else {
      await victim.arm(at)
    }
    const act = { start: up, adopt: up, stop, restart }[scenario]
    await Promise.race([victim.gone, act(victim).catch(() => {})])
    const passed = at === undefined ? await victim.passed() : []
    await victim.kill()
    await putRight(root, scenario, outlive, spec)
    return passed
  } finally {
    await killUnder(root)
    end()
  }

  async function up(victim: ManagerProcess): Promise<void> {
    await victim.call('add', spec)
    await victim.call('up')
  }
  async function stop(victim: ManagerProcess): Promise<void> {
    await victim.call('stopProcess', 'a')
  }
  async function restart(victim: ManagerProcess): Promise<void> {
    await victim.call('restart', 'a')
  }
}

/** The next manager: it is let in, finds everybody, has one daemon when it should, and none when it should not. */
async function putRight(
  root: string,
  scenario: Scenario,
  outlive: boolean,
  spec: ReturnType<typeof script>,
): Promise<void> {
  const events: ManagerEvent[] = []
  const manager = await createProcessManager({ root, onEvent: (event) => void events.push(event) })
  try {
    const births = () => pidsIn(join(root, 'a', 'births'))
    const known = () => manager.list().flatMap(({ pid }) => pid ?? [])
    await until(() => livingUnder(root).every((pid) => known().includes(pid)), {
      what: 'everybody alive to be known',
      ...PATIENCE,
    })
    if (scenario !== 'stop') {
      await manager.add(spec)
      await manager.up()
      // One that was never let go is believed to live until its end is seen.
      const pid = await until(() => births().find((each) => each === manager.getPid('a')), {
        what: 'the daemon to begin',
        ...PATIENCE,
      })
      expect(births().filter(isAlive)).toEqual([pid])
      expect(births().length).toBeLessThanOrEqual(mostBirths(scenario, outlive))
    }
    await manager.stopProcess('a')
    expect(livingUnder(root)).toEqual([])
    expect(pidsIn(join(root, 'a', 'conflicts'))).toEqual([])
    expect(events.filter(({ type }) => type === 'trouble')).toEqual([])
  } finally {
    await manager.close()
  }
  expect(existsSync(join(root, 'manager.pid'))).toBe(false)
}

/** What outlives its manager is started again only by a restart; what does not, once by each manager. */
function mostBirths(scenario: Scenario, outlive: boolean): number {
  const managers = scenario === 'adopt' ? 3 : 2
  return (outlive ? 1 : managers) + (scenario === 'restart' ? 1 : 0)
}

function sample(count: number): number[] {
  const random = seeded(seed)
  const points = [...Array(count).keys()]
  while (points.length > SAMPLE) points.splice(Math.floor(random() * points.length), 1)
  return points
}

function ending(): { atTheEnd: (end: () => void) => void; end: () => void } {
  const ends: (() => void)[] = []
  return {
    atTheEnd: (each) => void ends.unshift(each),
    end: () => {
      for (const each of ends) each()
    },
  }
}
