import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createProbe } from '@conductor/health'
import { claimPidfile, isPidfileError } from '@conductor/pidfile'
import { identifyProcess, processState } from '@conductor/process-identity'
import { createRestartPolicy, presets } from '@conductor/restart-policy'
import type { Measurement } from '../../context.ts'
import { type Figure, figure } from '../../figure.ts'

const DECISIONS = 200_000
const LOOKS_AT_PROCESSES = 5_000
const PROBES = 1_000
const CLAIMS = 10_000

/** `flock` starts a program and `link` waits for the disk: so long they are watched, in milliseconds. */
const CLAIMS_FOR_MS = 2_000

/** How long one turn takes, in milliseconds, after some that do not count. */
async function timed(times: number, turn: (index: number) => unknown): Promise<number> {
  for (let i = 0; i < times / 10; i++) await turn(i)
  const beganMs = performance.now()
  for (let i = 0; i < times; i++) {
    // Only what is a promise is waited for: the wait itself would cost more than a decision.
    const outcome = turn(i)
    if (outcome instanceof Promise) await outcome
  }
  return (performance.now() - beganMs) / times
}

async function rounds(count: number, once: () => Promise<number>): Promise<number[]> {
  const samples: number[] = []
  for (let round = 0; round < count; round++) samples.push(await once())
  return samples
}

/** One run that is ready at once and crashes, again and again. */
function decisions(): Promise<number> {
  const policy = createRestartPolicy(presets.ally)
  let state = policy.initial(1)
  let nowMs = 0
  return timed(DECISIONS, () => {
    nowMs += 60_000
    const ready = policy.onReady(policy.onStart(state, nowMs), nowMs)
    state = policy.onExit(ready, { kind: 'code', code: 1 }, nowMs + 1_000).state
  })
}

/** Seconds for 10,000 claims, each given back; those that take too long are not all made. */
async function claims(
  dir: string,
  backend: 'flock' | 'sqlite' | 'link',
): Promise<number | undefined> {
  const own = mkdtempSync(join(dir, 'p-'))
  try {
    const beganMs = performance.now()
    let made = 0
    for (; made < CLAIMS && performance.now() - beganMs < CLAIMS_FOR_MS; made++) {
      const claim = await claimPidfile(join(own, `${made}.pid`), { backend })
      await claim.release()
    }
    return (((performance.now() - beganMs) / made) * CLAIMS) / 1_000
  } catch (error) {
    if (isPidfileError(error, 'LOCK_FAILED')) return undefined
    throw error
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

function identities(): Promise<number> {
  return timed(LOOKS_AT_PROCESSES, () => {
    const identity = identifyProcess(process.pid)
    if (!identity || processState(identity) !== 'alive') throw new Error('we live')
  })
}

async function probes(dir: string): Promise<number> {
  const own = mkdtempSync(join(dir, 'l-'))
  const path = join(own, 's')
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const probe = createProbe({ kind: 'unix', path })
  try {
    return await timed(PROBES, () => probe())
  } finally {
    probe.close()
    server.close()
    rmSync(own, { recursive: true, force: true })
  }
}

export const micro: Measurement = {
  name: 'micro',
  about: `in one process; 10,000 claims are reckoned from what ${CLAIMS_FOR_MS / 1_000} s allow, and the probe's listener is in the same process`,
  async run(context) {
    const dir = join(context.dir, 'micro')
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const ns = (ms: number) => ms * 1e6
    const us = (ms: number) => ms * 1e3
    const decided = await rounds(context.rounds, decisions)
    const identified = await rounds(context.rounds, identities)
    const probed = await rounds(context.rounds, () => probes(dir))
    const figures: Figure[] = [
      figure('micro.decide', 'restart policy: start, ready, exit', 'ns', decided.map(ns)),
      figure(
        'micro.identity',
        'identify a process and tell that it lives',
        'µs',
        identified.map(us),
      ),
      figure('micro.probe', 'one look of a unix probe', 'µs', probed.map(us)),
    ]
    for (const backend of ['flock', 'sqlite', 'link'] as const) {
      const seconds = await claims(dir, backend)
      if (seconds === undefined) context.say(`there is no ${backend} here`)
      else
        figures.push(
          figure(`micro.claim.${backend}`, `10,000 claims by ${backend}`, 's', [seconds]),
        )
    }
    return figures
  },
}
