import { setTimeout as delay } from 'node:timers/promises'
import { seeded, until } from '@conductor/testing'
import { createFaults, type FaultKind } from './faults.ts'
import { createOracle, type Deviation } from './oracle.ts'
import { generatorSession } from './sessions.ts'
import type { World } from './world.ts'

export interface OutputScenarioOptions {
  readonly world: World
  readonly seed: number
  /** What the generator prints. */
  readonly bytes: number
  readonly faults: number
  /** The faults are spread over about this long. */
  readonly forMs: number
  /** Told now and then, for a person who waits. */
  readonly onProgress?: ((text: string) => void) | undefined
}

export interface OutputReport {
  readonly seed: number
  readonly bytes: number
  /** Summed over all viewers. */
  readonly seenBytes: number
  readonly faults: Readonly<Record<FaultKind, number>>
  readonly dials: number
  /** What did not agree: of viewers by number, and of the log. Empty is what we want. */
  readonly deviations: readonly { readonly who: string; readonly deviation: Deviation }[]
  /** Whoever did not get everything: how far they came. */
  readonly incomplete: readonly { readonly who: string; readonly offset: number }[]
  /** Reported holes: there must be none, for nothing was dropped by the cap. */
  readonly gaps: number
  /** Exits that came with the proof that nothing is missing. */
  readonly completeExits: number
  readonly resumesMs: readonly number[]
}

/** How long the slowest viewer may need after the last fault, in milliseconds. */
const CATCH_UP_MS = 120_000

/**
 * One viewer behind each proxy looks at a generator while everything goes wrong. All that they saw,
 * and the log itself, is compared with what the generator must have printed.
 */
export async function runOutputScenario(options: OutputScenarioOptions): Promise<OutputReport> {
  const { world, seed, bytes, faults: count, forMs, onProgress = () => {} } = options
  const { server, api, proxies, view } = world
  const random = seeded(seed)
  const faults = createFaults({ random, server, proxies })
  const session = await api.create(
    generatorSession({ bytes, seed, bytesPerSecond: Math.ceil((bytes * 1000) / forMs) }),
  )
  const judged = proxies.map((proxy, index) => {
    const oracle = createOracle({ seed })
    const onOutput = (offset: number, piece: Uint8Array) => void oracle.accept(offset, piece)
    return { who: `viewer ${index}`, oracle, viewer: view(session.id, { proxy, onOutput }) }
  })
  const viewers = judged.map(({ viewer }) => viewer)
  const wrong = () => judged.some(({ oracle }) => oracle.deviation)

  const startMs = performance.now()
  for (let done = 0; done < count && !wrong(); done++) {
    const atMs = startMs + (forMs * (done + random())) / count
    await delay(Math.max(0, atMs - performance.now()))
    const kind = await faults.strike()
    onProgress(`${done + 1} of ${count}: ${kind}`)
  }
  await faults.over()
  const complete = () => judged.every(({ oracle }) => oracle.offset >= bytes)
  await until(() => complete() || wrong(), { timeoutMs: CATCH_UP_MS, everyMs: 50 }).catch(() => {})

  const log = await readLog(world, session.id, seed)
  const everybody = [...judged, { who: 'log', oracle: log }]
  viewers[0]?.session.type('x')
  await until(() => viewers.every(({ exit }) => exit), { timeoutMs: 30_000 }).catch(() => {})
  return {
    seed,
    bytes,
    seenBytes: judged.reduce((sum, { oracle }) => sum + oracle.offset, 0),
    faults: faults.counts,
    dials: proxies.reduce((sum, { dials }) => sum + dials, 0),
    deviations: everybody.flatMap(({ who, oracle: { deviation } }) =>
      deviation ? [{ who, deviation }] : [],
    ),
    incomplete: everybody
      .map(({ who, oracle: { offset } }) => ({ who, offset }))
      .filter(({ offset }) => offset !== bytes),
    gaps: viewers.flatMap(({ events }) => events).filter(({ type }) => type === 'gap').length,
    completeExits: viewers.filter(({ exit }) => exit?.complete && exit.code === 0).length,
    resumesMs: viewers.flatMap(({ resumesMs }) => resumesMs),
  }
}

/** Judges the log as far as it is kept, without holding all of it. */
async function readLog({ api }: World, id: string, seed: number) {
  const answer = await api.request('GET', `/api/sessions/${id}/output?from=0`)
  const from = Number(answer.headers.get('x-conductor-offset'))
  const oracle = createOracle({ seed, from })
  if (answer.status !== 200 || !answer.body) throw new Error(`output: ${answer.status}`)
  for await (const chunk of answer.body) oracle.accept(oracle.offset, chunk)
  return oracle
}
