import type { SessionDirectory } from './session-directory.ts'

/** How many sessions there are of each status, for the metrics. */
export function countByStatus(directory: SessionDirectory): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of directory.list()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
