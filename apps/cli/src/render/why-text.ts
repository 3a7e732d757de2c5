import type { WhyJson } from '../server/process-json.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'
import { renderDuration } from './units.ts'

/** What `conductor why` prints: the reasons, the last death with its last lines, and what is to come. */
export function renderWhy(why: WhyJson, nowMs: number, style: Style): string {
  const { name, phase, text, blockedBy, lastDeath, nextTryAt, nextDelays } = why
  const lines = [
    `${style('bold', name)} is ${phase}`,
    ...text.map((each) => `  ${printable(each)}`),
  ]
  if (blockedBy.length > 0) lines.push(`Waits for: ${blockedBy.join(', ')}`)
  if (lastDeath) {
    const ago = renderDuration(nowMs - Date.parse(lastDeath.at))
    const by = lastDeath.by === undefined ? '' : `, asked for by ${lastDeath.by}`
    lines.push(`Last end: ${lastDeath.text}, ${ago} ago (${lastDeath.at})${by}`)
    lines.push(`Then: ${lastDeath.decision}`)
    for (const survivor of lastDeath.survivors ?? []) lines.push(`Still there: ${survivor}`)
    if (lastDeath.lastLines.length > 0) lines.push('Its last lines:')
    // What a daemon wrote may hold anything.
    lines.push(...lastDeath.lastLines.map((line) => `  | ${printable(line)}`))
  }
  if (nextTryAt !== undefined)
    lines.push(`Next try: in ${renderDuration(Date.parse(nextTryAt) - nowMs)} (${nextTryAt})`)
  if (nextDelays.length > 0) {
    const delays = nextDelays.map(({ minMs, maxMs }) => {
      const min = renderDuration(minMs)
      const max = renderDuration(maxMs)
      return min === max ? min : `${min} to ${max}`
    })
    lines.push(`If it keeps failing, restarts after: ${delays.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}
