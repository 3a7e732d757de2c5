import type { WhyJson } from '../server/process-json.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** What `conductor why` prints: the state, and below it the manager's reasons in its own words. */
export function renderWhy({ name, phase, text }: WhyJson, style: Style): string {
  // A reason may quote what the daemon wrote, and that may be anything.
  const reasons = text.flatMap((each) => each.split('\n')).map((line) => `  ${printable(line)}\n`)
  return `${style('bold', name)} is ${phase}\n${reasons.join('')}`
}
