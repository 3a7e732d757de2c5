import { appendFileSync } from 'node:fs'
import { say } from './command.mjs'

/**
 * @typedef {object} Row What became of one package's tests, or of one check.
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds
 * @property {string} failures In full; empty when nothing failed.
 */

/** @param {Row} row */
export function printRow({ name, passed, failed, skipped, seconds }) {
  const cells = [
    name.padEnd(24),
    `${passed} passed`.padStart(12),
    (failed ? `${failed} FAILED` : '').padStart(12),
    (skipped ? `${skipped} skipped` : '').padStart(12),
    `${seconds.toFixed(1)} s`.padStart(10),
  ]
  say(cells.join(''))
}

/**
 * Prints every failure in full, and the totals as the very last line.
 *
 * @param {readonly Row[]} rows
 * @returns {boolean} Whether nothing failed.
 */
export function printTotals(rows) {
  for (const { name, failures } of rows)
    if (failures) say(`\n${'='.repeat(20)} ${name} ${'='.repeat(20)}\n${failures.trimEnd()}`)
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    rows.reduce((total, row) => total + row[key], 0)
  const skipped = sum('skipped')
  summarise(rows)
  say(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`)
  return sum('failed') === 0
}

/** On GitHub, the same table on the page of the run. */
function summarise(rows) {
  const file = process.env.GITHUB_STEP_SUMMARY
  if (!file) return
  const lines = rows.map(
    ({ name, passed, failed, skipped, seconds }) =>
      `| ${name} | ${passed} | ${failed} | ${skipped} | ${seconds.toFixed(1)} |\n`,
  )
  appendFileSync(
    file,
    `| package | passed | failed | skipped | seconds |\n|---|---|---|---|---|\n${lines.join('')}`,
  )
}
