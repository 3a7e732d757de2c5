import { parseArgs } from 'node:util'
import { runInputScenario } from './input-scenario.ts'
import { runOutputScenario } from './output-scenario.ts'
import { createWorld } from './world.ts'

// `npm run chaos`: the oracle at its long setting. Every choice comes from the seed; the moments at
// which things really happen are the machine's.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    bytes: { type: 'string', default: '10e9' },
    faults: { type: 'string', default: '2000' },
    viewers: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const seed = Number(values.seed)
const bytes = Number(values.bytes)
const faults = Number(values.faults)
const viewers = Number(values.viewers)
const forMs = Number(values.minutes) * 60_000

/** A tenth of the time, and of the faults, goes to typing. */
const INPUT_SHARE = 0.1

const atTheEnd: (() => void | Promise<void>)[] = []
const say = (text: string) => process.stdout.write(`${text}\n`)
const onProgress = (text: string) => say(`  ${text}`)

async function main(): Promise<boolean> {
  say(
    `Seed ${seed}: ${bytes} bytes, ${faults} faults, ${viewers} viewers, ${values.minutes} minutes.`,
  )
  const world = await createWorld((act) => void atTheEnd.unshift(act), {
    proxies: viewers,
    env: { AI_CONDUCTOR_HISTORY_BYTES: '1G' },
  })
  say('Output:')
  const output = await runOutputScenario({
    world,
    seed,
    bytes,
    faults: Math.ceil(faults * (1 - INPUT_SHARE)),
    forMs: forMs * (1 - INPUT_SHARE),
    onProgress,
  })
  say('Input:')
  const input = await runInputScenario({
    world,
    seed,
    faults: Math.floor(faults * INPUT_SHARE),
    forMs: forMs * INPUT_SHARE,
    onProgress,
  })
  const resumes = output.resumesMs.toSorted((a, b) => a - b)
  const percentile = (share: number) => resumes[Math.floor((resumes.length - 1) * share)] ?? 0
  const sizeOf = (kind: 'lost' | 'repeated' | 'changed') =>
    output.deviations.filter(({ deviation }) => deviation.kind === kind).length
  say(`
output   ${output.bytes} bytes printed, ${output.seenBytes} seen by ${viewers} viewers over ${output.dials} connections
         streams with lost bytes ${sizeOf('lost')}, with repeated ones ${sizeOf('repeated')}, with changed ones ${sizeOf('changed')}; incomplete ${output.incomplete.length}; gaps ${output.gaps}
input    ${input.typed} tokens typed: lost ${input.lost}, repeated ${input.repeated}, misplaced ${input.misplaced}, torn bytes ${input.garbage}
resume   p50 ${percentile(0.5).toFixed(0)} ms, p99 ${percentile(0.99).toFixed(0)} ms, of ${resumes.length}
faults   ${JSON.stringify(output.faults)}
seed     ${seed}`)
  for (const { who, deviation } of output.deviations)
    say(`${who}: ${deviation.kind} at ${deviation.offset}: ${deviation.text}`)
  for (const { who, offset } of output.incomplete) say(`${who} came as far as ${offset}`)
  const inputWrong = input.lost + input.repeated + input.misplaced + input.garbage
  const outputWrong = output.deviations.length + output.incomplete.length + output.gaps
  return inputWrong + outputWrong === 0
}

try {
  process.exitCode = (await main()) ? 0 : 1
} finally {
  for (const act of atTheEnd) await act()
}
