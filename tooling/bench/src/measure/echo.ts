import type { Candidate } from '../candidate.ts'
import { startConductor } from '../conductor-server.ts'
import type { Context, Measurement } from '../context.ts'
import { type Figure, figure, type Limits, lower } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { runForJson, startClient, typeKeys } from '../terminal-client.ts'
import { openHolder } from './holders.ts'

/** Letters typed in each round, 5 ms apart. */
const KEYS = 400

/** A program that says what it reads, at once and nothing else. */
export const ECHO: readonly string[] = ['sh', '-c', 'stty raw -echo; printf READY; exec cat']

interface Round {
  readonly p50: number
  readonly p99: number
}

function summarise(ms: readonly number[]): Round {
  return { p50: percentile(ms, 0.5), p99: percentile(ms, 0.99) }
}

async function idle({ native }: Context, candidate: Candidate): Promise<Round> {
  const opened = await candidate.open(ECHO)
  try {
    return summarise(await typeKeys(native.wsClient, opened.address, KEYS))
  } finally {
    await opened.close()
  }
}

/** Another session of the same server floods, and its viewer reads all of it. */
async function flooded(
  { native, dir }: Context,
  durability: 'persistent' | 'server',
): Promise<Round> {
  const server = await startConductor({ dir })
  try {
    const noisy = await server.create(durability, [native.generator, 'forever', 'wait'])
    const quiet = await server.create(durability, ECHO)
    const reader = startClient(native.wsClient, 'flood', noisy.address, ['--go'])
    const round = summarise(await typeKeys(native.wsClient, quiet.address, KEYS))
    await reader.stop()
    return round
  } finally {
    await server.close()
  }
}

/** The command in a pty of the measuring program itself. */
async function direct({ native }: Context, command: readonly string[]): Promise<Round> {
  const args = ['--echo', String(KEYS), ...command]
  return summarise((await runForJson<{ ms: number[] }>(native.rawReader, args, 60_000)).ms)
}

function pair(
  id: string,
  label: string,
  rounds: readonly Round[],
  p50?: Limits,
  p99?: Limits,
): Figure[] {
  return [
    figure(
      `${id}.p50`,
      `${label}, p50`,
      'ms',
      rounds.map((each) => each.p50),
      p50,
    ),
    figure(
      `${id}.p99`,
      `${label}, p99`,
      'ms',
      rounds.map((each) => each.p99),
      p99,
    ),
  ]
}

export const echo: Measurement = {
  name: 'echo',
  about: 'a letter typed into `cat` and back to the viewer; idle, and while another session floods',
  async run(context) {
    const plans: { id: string; label: string; run: () => Promise<Round>; rounds: Round[] }[] = []
    const plan = (id: string, label: string, run: () => Promise<Round>) =>
      plans.push({ id, label, run, rounds: [] })

    plan('echo.raw', 'raw pty', () => direct(context, ECHO))
    for (const [name, program] of context.holders)
      plan(`echo.${name}`, `${name}, attached`, async () => {
        const holder = openHolder(context, name, program, ECHO)
        try {
          return await direct(context, holder.attach)
        } finally {
          holder.close()
        }
      })
    for (const candidate of context.candidates)
      plan(`echo.${candidate.name}`, candidate.label, () => idle(context, candidate))
    plan('echo.hosted.flood', 'Conductor, session host, beside a flood', () =>
      flooded(context, 'persistent'),
    )
    plan('echo.in-process.flood', 'Conductor, in process, beside a flood', () =>
      flooded(context, 'server'),
    )

    for (let round = 1; round <= context.rounds; round++) {
      for (const each of plans)
        each.rounds.push(
          await each.run().catch((cause) => {
            throw new Error(`${each.label}: ${cause.message}`, { cause })
          }),
        )
      context.say(`round ${round} of ${context.rounds}`)
    }

    const roundsOf = (id: string) => plans.find((each) => each.id === id)?.rounds ?? []
    const figures = plans.flatMap(({ id, label, rounds }) =>
      id === 'echo.hosted'
        ? pair(id, label, rounds, lower(0.8, 0.4), lower(1.6, 0.9))
        : pair(id, label, rounds),
    )
    const idleRounds = roundsOf('echo.hosted')
    const ratios = roundsOf('echo.hosted.flood').map(
      ({ p99 }, index) => p99 / (idleRounds[index]?.p99 ?? Number.NaN),
    )
    figures.push(
      figure('echo.flood.ratio', 'p99 beside a flood, to idle p99', 'x', ratios, lower(2, 1.2)),
    )
    return figures
  },
}
