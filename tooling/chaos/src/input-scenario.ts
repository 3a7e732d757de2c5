import { setTimeout as delay } from 'node:timers/promises'
import { seeded, until } from '@conductor/testing'
import { createFaults, type FaultKind } from './faults.ts'
import { rawCatSession } from './sessions.ts'
import type { World } from './world.ts'

export interface InputScenarioOptions {
  readonly world: World
  readonly seed: number
  readonly faults: number
  readonly forMs: number
  readonly onProgress?: ((text: string) => void) | undefined
}

export interface InputReport {
  readonly seed: number
  readonly typed: number
  readonly faults: Readonly<Record<FaultKind, number>>
  /** Tokens of a typist that never arrived. */
  readonly lost: number
  readonly repeated: number
  /** Tokens that came after a later one of the same typist. */
  readonly misplaced: number
  /** Bytes that belong to no token: a token that was torn. */
  readonly garbage: number
}

/** A typist types so often, in milliseconds. */
const PAUSE_MS = 5

/**
 * Several people type numbered tokens into one raw `cat` while everything goes wrong. What it
 * printed must hold each token once, and those of one person in order.
 */
export async function runInputScenario(options: InputScenarioOptions): Promise<InputReport> {
  const { world, seed, faults: count, forMs, onProgress = () => {} } = options
  const { server, api, proxies, view } = world
  const random = seeded(seed)
  const faults = createFaults({ random, server, proxies })
  const session = await api.create(rawCatSession)
  const typists = proxies.map((proxy, index) => ({
    letter: String.fromCharCode(65 + index),
    viewer: view(session.id, { proxy }),
    typed: 0,
  }))
  await Promise.all(typists.map(({ viewer }) => viewer.sees('ready')))

  const endMs = performance.now() + forMs
  let struck = false
  const typing = typists.map(async (typist) => {
    while (performance.now() < endMs || !struck) {
      if (typist.viewer.session.type(`<${typist.letter}${typist.typed + 1}>`)) typist.typed++
      await delay(PAUSE_MS)
    }
  })
  const startMs = performance.now()
  for (let done = 0; done < count; done++) {
    await delay(Math.max(0, startMs + (forMs * (done + random())) / count - performance.now()))
    onProgress(`${done + 1} of ${count}: ${await faults.strike()}`)
  }
  struck = true
  await Promise.all(typing)
  await faults.over()
  const settled = () => typists.every(({ viewer }) => viewer.session.pending.sizeBytes === 0)
  await until(settled, { timeoutMs: 60_000, everyMs: 50 })

  const log = (await api.output(session.id)).bytes.toString('latin1').replace(/^ready/, '')
  const tokens = [...log.matchAll(/<([A-Z])(\d+)>/g)]
  let lost = 0
  let repeated = 0
  let misplaced = 0
  for (const { letter, typed } of typists) {
    const numbers = tokens.flatMap(([, who, number]) => (who === letter ? Number(number) : []))
    const distinct = new Set(numbers)
    repeated += numbers.length - distinct.size
    lost += Array.from({ length: typed }, (_, index) => index + 1).filter(
      (number) => !distinct.has(number),
    ).length
    misplaced += numbers.filter((number, index) => number < (numbers[index - 1] ?? 0)).length
  }
  return {
    seed,
    typed: typists.reduce((sum, { typed }) => sum + typed, 0),
    faults: faults.counts,
    lost,
    repeated,
    misplaced,
    garbage: log.replace(/<[A-Z]\d+>/g, '').length,
  }
}
