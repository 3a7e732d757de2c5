import { it } from 'vitest'
import { runInputScenario } from './input-scenario.ts'
import { runOutputScenario } from './output-scenario.ts'
import { createWorld } from './world.ts'

/** Printed with every failure; CONDUCTOR_SEED=n runs another one. */
const SEED = Number(process.env['CONDUCTOR_SEED'] ?? 20_261_121)

it.concurrent('loses and repeats not one of 100 MB for three viewers under 40 faults', async ({
  expect,
  onTestFinished,
}) => {
  const world = await createWorld(onTestFinished, {
    proxies: 3,
    env: { AI_CONDUCTOR_HISTORY_BYTES: '128M' },
  })
  const report = await runOutputScenario({
    world,
    seed: SEED,
    bytes: 100_000_000,
    faults: 40,
    forMs: 60_000,
  })
  expect(report).toMatchObject({
    deviations: [],
    incomplete: [],
    gaps: 0,
    completeExits: 3,
    seenBytes: 300_000_000,
  })
  expect(Object.values(report.faults).every((count) => count > 0)).toBe(true)
}, 200_000)

it.concurrent('types each token of two people once and in order under 24 faults', async ({
  expect,
  onTestFinished,
}) => {
  const world = await createWorld(onTestFinished, { proxies: 2 })
  const report = await runInputScenario({ world, seed: SEED, faults: 24, forMs: 30_000 })
  expect(report).toMatchObject({ lost: 0, repeated: 0, misplaced: 0, garbage: 0 })
  expect(report.typed).toBeGreaterThan(1_000)
}, 120_000)
