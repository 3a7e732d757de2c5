import './need-node.mjs'
import { turbo } from './build.mjs'
import { findChromium } from './chromium.mjs'
import { run, say } from './command.mjs'
import { installDaemons } from './daemons.mjs'
import { install } from './install.mjs'
import { testedPackages } from './packages.mjs'
import { printRow, printTotals } from './report.mjs'
import { runTests } from './vitest.mjs'

// npm test: installs, builds, lints, type-checks, runs every package's tests, prints a table, every
// failure in full, and as its last line the totals. CONDUCTOR_TEST_ONLY=a,b runs some packages only.

/** Two cores are the least that a developer or CI has. */
const PACKAGES_AT_ONCE = 2

/** @type {import('./report.mjs').Row[]} */
const rows = []

function add(row) {
  rows.push(row)
  printRow(row)
}

/** Something that passes or fails as a whole counts as one test. */
async function check(name, act) {
  const startMs = performance.now()
  const { code, output } = await act()
  const ok = code === 0
  const seconds = (performance.now() - startMs) / 1000
  add({ name, passed: +ok, failed: +!ok, skipped: 0, seconds, failures: ok ? '' : output })
}

async function browser() {
  if (process.env.CONDUCTOR_SKIP_BROWSER === '1') return {}
  const found = await findChromium()
  if ('path' in found) return { CHROME_PATH: found.path }
  const failures = `${found.why}\nCONDUCTOR_SKIP_BROWSER=1 runs the other tests alone.`
  add({ name: 'chromium', passed: 0, failed: 1, skipped: 0, seconds: 0, failures })
  return { CONDUCTOR_SKIP_BROWSER: '1' }
}

/** Runs `tested` in order, `atOnce` at a time. */
async function runAll(tested, atOnce, env) {
  const queue = [...tested]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) add(await runTests(next, env))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const gitStatus = () => run('git', ['status', '--porcelain'])

await install()
const before = await gitStatus()
const env = await browser()
const tested = testedPackages()
// While the rest goes on, but only now: apt does one thing at a time.
const needed = ['daemons', 'supervisors', 'monitoring']
const daemons = tested.some(({ name }) => needed.includes(name)) && installDaemons()
say('Building, checking, testing ...\n')
await check('build', () => turbo('build'))
await check('lint', () =>
  run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.']),
)
await check('types', () => turbo('typecheck'))

await runAll(
  tested.filter(({ alone }) => !alone),
  PACKAGES_AT_ONCE,
  env,
)
await daemons
await runAll(
  tested.filter(({ alone }) => alone),
  1,
  env,
)

// Elsewhere somebody may be editing meanwhile.
if (process.env.CI)
  await check('tree left as it was', async () => {
    const { code, output } = await gitStatus()
    return { code: output === before.output ? code : 1, output }
  })

if (!printTotals(rows)) process.exitCode = 1
