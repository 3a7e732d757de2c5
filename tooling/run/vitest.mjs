import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './command.mjs'

/** A package whose tests take longer hangs, in milliseconds. */
const LIMIT_MS = 8 * 60_000

/** Ignored by git; CI keeps it. */
const RESULTS = join(root, '.test-results')

/**
 * Runs one package's tests.
 *
 * @param {import('./packages.mjs').TestedPackage} tested
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<import('./report.mjs').Row>}
 */
export async function runTests({ name, dir, filesAtOnce }, env) {
  mkdirSync(RESULTS, { recursive: true })
  const file = join(RESULTS, `${name}.json`)
  rmSync(file, { force: true })
  const startMs = performance.now()
  const { code, output, timedOut } = await run(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--config=${join(root, 'vitest.config.ts')}`,
      `--maxWorkers=${filesAtOnce}`,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${file}`,
    ],
    { cwd: dir, env, timeoutMs: LIMIT_MS },
  )
  const counted = count(file)
  const seconds = (performance.now() - startMs) / 1000
  const silentFailure = code !== 0 && counted.failed === 0
  const why = timedOut ? `\nkilled after ${LIMIT_MS / 1000} s` : ''
  return {
    name,
    ...counted,
    // An unhandled error, a crash or a hang fails no test by name.
    failed: silentFailure ? 1 : counted.failed,
    seconds,
    failures: code === 0 ? '' : output + why,
  }
}

function count(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
      JSON.parse(readFileSync(file, 'utf8'))
    // A file that cannot even be loaded has no tests to fail.
    const brokenFiles = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length
    return {
      passed: numPassedTests,
      failed: numFailedTests + brokenFiles,
      skipped: numPendingTests + numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}
