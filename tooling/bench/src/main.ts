import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { conductorCandidates } from './candidate.ts'
import { closeInherited } from './close-inherited.ts'
import type { Context, Measurement } from './context.ts'
import { type Figure, formatFigures, judge } from './figure.ts'
import { adoption } from './measure/adoption.ts'
import { death } from './measure/death.ts'
import { echo } from './measure/echo.ts'
import { fanOut } from './measure/fan-out.ts'
import { memory } from './measure/memory.ts'
import { search } from './measure/search.ts'
import { stall } from './measure/stall.ts'
import { start } from './measure/start.ts'
import { throughput } from './measure/throughput.ts'
import { web } from './measure/web.ts'
import { compileNative } from './native.ts'
import { findPeers, installWetty } from './peers.ts'
import { idle } from './supervision/measure/idle.ts'
import { lifecycle } from './supervision/measure/lifecycle.ts'
import { logCapture } from './supervision/measure/log-capture.ts'
import { micro } from './supervision/measure/micro.ts'
import { findSupervisors } from './supervision/supervisors.ts'

// `npm run bench`: the Speed table, of the attach path and of supervision. Everything on loopback;
// the floor and the peers run in the same rounds as ours, so that ratios survive a busy machine.

const TERMINAL: readonly Measurement[] = [
  throughput,
  echo,
  fanOut,
  stall,
  memory,
  death,
  start,
  adoption,
  search,
]
const SUPERVISION: readonly Measurement[] = [lifecycle, idle, logCapture, micro]
const MEASUREMENTS: readonly Measurement[] = [...TERMINAL, ...SUPERVISION, web]
const GROUPS: ReadonlyMap<string, readonly Measurement[]> = new Map([
  ['terminal', TERMINAL],
  ['supervision', SUPERVISION],
  ...MEASUREMENTS.map((each): [string, readonly Measurement[]] => [each.name, [each]]),
])

const HELP = `npm run bench -- [options]
  --only NAME        one of ${[...GROUPS.keys()].join(', ')}; may be repeated
  --rounds N         rounds of what is interleaved (default: 5, of supervision 3; the median counts)
  --bytes N          what the generator writes in a flood (default: 268435456)
  --kills N          how often the server is killed (default: 20)
  --full             9 rounds, of supervision 5, 100 kills, and 500 daemons, too
  --peer NAME=PATH   ttyd, gotty, wetty, tmux, dtach or supervisord; found in PATH by themselves
  --install-peers    installs wetty with npm into a temporary folder
  --json FILE        the figures with all their samples`

const say = (text: string) => void process.stdout.write(`${text}\n`)

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      bytes: { type: 'string', default: String(256 * 1024 * 1024) },
      kills: { type: 'string' },
      full: { type: 'boolean', default: false },
      peer: { type: 'string', multiple: true, default: [] },
      'install-peers': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const whole = (name: string, text: string) => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw new Error(`--${name}: ${text} is no whole number above 0`)
  }
  const chosen = values.only ?? ['terminal', 'supervision']
  const unknown = chosen.find((name) => !GROUPS.has(name))
  if (unknown) throw new Error(`--only: there is no ${unknown}\n${HELP}`)
  const named = new Set(chosen.flatMap((name) => GROUPS.get(name) ?? []))
  return {
    help: values.help,
    json: values.json,
    installPeers: values['install-peers'],
    full: values.full,
    rounds: whole('rounds', values.rounds ?? (values.full ? '9' : '5')),
    supervisionRounds: whole('rounds', values.rounds ?? (values.full ? '5' : '3')),
    bytes: whole('bytes', values.bytes),
    kills: whole('kills', values.kills ?? (values.full ? '100' : '20')),
    measurements: MEASUREMENTS.filter((each) => named.has(each)),
    peers: new Map(
      values.peer.map((text): [string, string] => {
        const [name = '', ...path] = text.split('=')
        return [name, path.join('=')]
      }),
    ),
  }
}

async function main(): Promise<boolean> {
  const options = readOptions()
  if (options.help) {
    say(HELP)
    return true
  }
  closeInherited()
  const dir = mkdtempSync(join(tmpdir(), 'conductor-bench-'))
  const figures: Figure[] = []
  const failures: { readonly measurement: string; readonly reason: string }[] = []
  try {
    const given = new Map(options.peers)
    if (options.installPeers) given.set('wetty', installWetty(join(dir, 'wetty')))
    const peers = findPeers(given, dir)
    const supervisors = options.measurements.some((each) => SUPERVISION.includes(each))
      ? findSupervisors(given)
      : { list: [], absent: [] }
    const context: Context = {
      dir,
      native: compileNative(dir),
      rounds: options.rounds,
      bytes: options.bytes,
      kills: options.kills,
      candidates: [...conductorCandidates(dir), ...peers.candidates],
      holders: peers.holders,
      supervisors: supervisors.list,
      full: options.full,
      say: (text) => say(`  ${text}`),
    }
    const found = [
      ...peers.candidates.map(({ name }) => name),
      ...peers.holders.keys(),
      ...supervisors.list.slice(1).map(({ name }) => name),
    ]
    const absent = [...peers.absent, ...supervisors.absent]
    say(`Node ${process.version}, Linux ${release()}, ${cpus().length} CPUs, load ${loadNow()}`)
    say(`Peers found: ${found.join(', ') || 'none'}. Not found: ${absent.join(', ') || 'none'}.`)
    for (const each of options.measurements) {
      const { name, about, run } = each
      say(`\n${name}: ${about}`)
      try {
        const { supervisionRounds } = options
        const measured = await run(
          SUPERVISION.includes(each) ? { ...context, rounds: supervisionRounds } : context,
        )
        figures.push(...measured)
        say(formatFigures(measured))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        failures.push({ measurement: name, reason })
        say(`  FAILED ${reason}`)
      }
    }
    const asked = figures.filter(({ limits }) => limits)
    if (asked.length > 0) say(`\nAsked for, at load ${loadNow()}:\n${formatFigures(asked)}`)
    if (options.json) {
      const { rounds, bytes, kills } = options
      const machine = {
        node: process.version,
        linux: release(),
        cpus: cpus().length,
        load: loadavg(),
      }
      const report = { machine, rounds, bytes, kills, peers: found, absent }
      const rows = figures.map((each) => ({ ...each, verdict: judge(each) }))
      writeFileSync(
        options.json,
        `${JSON.stringify({ ...report, figures: rows, failures }, null, 2)}\n`,
      )
    }
    const missed = asked.filter((each) => judge(each) === 'miss')
    for (const { label } of missed) say(`MISSED: ${label}`)
    for (const { measurement, reason } of failures) say(`FAILED: ${measurement}: ${reason}`)
    return missed.length + failures.length === 0
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

function loadNow(): string {
  return loadavg()[0]?.toFixed(1) ?? '?'
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
