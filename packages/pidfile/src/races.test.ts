import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { pidFormat } from './format.ts'
import type { Backend } from './holder.ts'
import { startWorker, writeWorker } from './testing/start-worker.ts'

const RACES = Number(process.env['PIDFILE_RACES'] ?? 1_000)
/** A race takes 5 ms, and 50 on a machine that is busy with something else. */
const TIMEOUT_MS = 120_000
/** Long enough for each order to arrive, in milliseconds. */
const BARRIER_MS = 1

const hasSqlite = process.getBuiltinModule('node:sqlite' as never) !== undefined

let program = ''
beforeAll(() => {
  program = writeWorker(temporaryFolder(afterAll), (text) => {
    const { ES2022: target } = ts.ScriptTarget
    const compilerOptions = { target, rewriteRelativeImportExtensions: true }
    return ts.transpileModule(text, { compilerOptions }).outputText
  })
})

/** What a process that is gone has left: nobody starts so early. */
const stale = pidFormat.write({ ...identifySelf(), startTime: '1' }, undefined, {})

/** Starts one worker for each backend and lets them race; returns how often each has won. */
async function race(races: number, backends: readonly Backend[]): Promise<number[]> {
  const path = join(temporaryFolder(onTestFinished), 'a.pid')
  const workers = await Promise.all(backends.map(() => startWorker(program, onTestFinished)))
  const wins = backends.map(() => 0)
  for (let count = 0; count < races; count++) {
    // Every other race is one for the file of a dead holder.
    if (count % 2 === 1) writeFileSync(path, stale)
    const atMs = performance.timeOrigin + performance.now() + BARRIER_MS
    const answers = await Promise.all(
      workers.map(({ ask }, index) =>
        ask({ type: 'claim', path, backend: backends[index] ?? 'link', atMs }),
      ),
    )
    const winner = answers.findIndex(({ type }) => type === 'claimed')
    const holderPid = workers[winner]?.child.pid
    const expected = answers.map((_, index) =>
      index === winner ? { type: 'claimed' } : { type: 'refused', code: 'HELD', holderPid },
    )
    expect(answers, `race ${count}`).toEqual(expected)
    wins[winner] = (wins[winner] ?? 0) + 1
    await workers[winner]?.ask({ type: 'release' })
  }
  return wins
}

describe(`${RACES} times, several processes start at once and exactly one gets the file, and the others its pid`, () => {
  it.runIf(process.platform === 'linux')(
    'with flock',
    async () => {
      const wins = await race(RACES, ['flock', 'flock'])
      expect(Math.min(...wins)).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  it(
    'with link, where no lock helps',
    async () => {
      const wins = await race(RACES, ['link', 'link'])
      expect(Math.min(...wins)).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  it.runIf(hasSqlite)(
    'with sqlite',
    async () => {
      const wins = await race(RACES, ['sqlite', 'sqlite'])
      expect(Math.min(...wins)).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})

it(
  'those who have different locks are no less alone',
  async () => {
    const wins = await race(RACES / 5, [hasSqlite ? 'sqlite' : 'flock', 'link', 'link'])
    expect(wins.reduce((sum, each) => sum + each)).toBe(RACES / 5)
  },
  TIMEOUT_MS,
)
