import { execFileSync } from 'node:child_process'
import type { Candidate } from '../candidate.ts'
import type { Context, Measurement } from '../context.ts'
import { type Figure, figure, higher, lower } from '../figure.ts'
import { cpuSeconds } from '../process-figures.ts'
import { readFlood, runForJson } from '../terminal-client.ts'

interface Floor {
  readonly bytes: number
  readonly seconds: number
  readonly cpuSeconds: number
}

interface Round {
  readonly mbPerSecond: number
  readonly ratio: number
  readonly cpuPerGb: number
}

/** What a terminal makes of `bytes` of the generator's output. */
export function terminalBytes({ native }: Context, bytes: number): number {
  return Number(execFileSync(native.generator, [String(bytes), 'count'], { encoding: 'utf8' }))
}

async function measureFloor({ native, bytes }: Context): Promise<Floor> {
  return runForJson<Floor>(native.rawReader, [native.generator, String(bytes), 'wait'], 120_000)
}

async function measureCandidate(
  context: Context,
  candidate: Candidate,
  totalBytes: number,
  floorMbPerSecond: number,
): Promise<Round> {
  const { native, bytes } = context
  const opened = await candidate.open([native.generator, String(bytes), 'wait', 'hold'])
  try {
    const before = cpuSeconds(opened.pids())
    const result = await readFlood(native.wsClient, opened.address, totalBytes)
    const cpu = cpuSeconds(opened.pids()) - before
    if (result.holes > 0 || result.gapBytes > 0)
      throw new Error(`${candidate.label} lost output: ${JSON.stringify(result)}`)
    const mbPerSecond = result.bytes / (result.seconds[0] ?? 0) / 1e6
    return {
      mbPerSecond,
      ratio: mbPerSecond / floorMbPerSecond,
      cpuPerGb: cpu / (result.bytes / 1e9),
    }
  } finally {
    await opened.close()
  }
}

export const throughput: Measurement = {
  name: 'throughput',
  about: 'one session, one viewer, the whole path; the raw C reader runs in every round',
  async run(context) {
    const totalBytes = terminalBytes(context, context.bytes)
    const floors: Floor[] = []
    const rounds = new Map<Candidate, Round[]>(context.candidates.map((each) => [each, []]))
    for (let round = 1; round <= context.rounds; round++) {
      const floor = await measureFloor(context)
      floors.push(floor)
      const floorMbPerSecond = floor.bytes / floor.seconds / 1e6
      for (const [candidate, results] of rounds)
        results.push(await measureCandidate(context, candidate, totalBytes, floorMbPerSecond))
      context.say(`round ${round} of ${context.rounds}`)
    }
    const figures: Figure[] = [
      figure(
        'throughput.raw',
        'raw C reader',
        'MB/s',
        floors.map(({ bytes, seconds }) => bytes / seconds / 1e6),
      ),
      figure(
        'throughput.raw.cpu',
        'raw C reader, CPU',
        's/GB',
        floors.map(({ cpuSeconds, bytes }) => cpuSeconds / (bytes / 1e9)),
      ),
    ]
    for (const [{ name, label }, results] of rounds) {
      // Issue 2 asks it of the whole path: host, durable log, server.
      const asked = name === 'hosted'
      figures.push(
        figure(
          `throughput.${name}.ratio`,
          `${label}, ratio to raw`,
          'x',
          results.map(({ ratio }) => ratio),
          asked ? higher(0.65, 0.8) : undefined,
        ),
        figure(
          `throughput.${name}.rate`,
          `${label}, rate`,
          'MB/s',
          results.map(({ mbPerSecond }) => mbPerSecond),
        ),
        figure(
          `throughput.${name}.cpu`,
          `${label}, CPU of all its processes`,
          's/GB',
          results.map(({ cpuPerGb }) => cpuPerGb),
          asked ? lower(9, 7) : undefined,
        ),
      )
    }
    return figures
  },
}
