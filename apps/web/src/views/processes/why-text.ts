import type { DeathJson, WhyJson } from '@conductor/api-types'
import { visibleText } from '../../terminal/visible-text.ts'

/** Why it is so, as sentences; what the tally below says better is left out. */
export function sentences(why: WhyJson): readonly string[] {
  return why.text
    .filter((each) => !each.startsWith('last end:') && !each.startsWith('  | '))
    .map((each) => {
      const text = visibleText(each)
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
    })
}

/** `7 ends: 5 exited with code 1, 2 was killed by SIGKILL`, the most frequent first. */
export function tallyText(deaths: readonly DeathJson[]): string {
  const counts = new Map<string, number>()
  for (const { text } of deaths) counts.set(text, (counts.get(text) ?? 0) + 1)
  const parts = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([text, count]) => `${count} × ${visibleText(text)}`)
  return `${deaths.length} ${deaths.length === 1 ? 'end' : 'ends'}: ${parts.join(', ')}`
}
