import type { SearchState } from '../../search/search-run.ts'

/** How far the search is, and what it found. */
export function searchText(state: SearchState): string {
  const { name, problem, hits, searchedBytes, totalBytes, isPartial, hasMore } = state
  if (problem !== undefined) return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`
  if (name === 'idle') return 'Everything that programs have printed, in all sessions.'
  const found = hits.length === 1 ? '1 line' : `${hits.length} lines`
  const searched = `searched ${megabytes(searchedBytes)}`
  if (name === 'running')
    return `${found} so far, ${searched}${totalBytes > 0 ? ` of ${megabytes(totalBytes)}` : ''}…`
  const more = hasMore ? ', and there may be more' : ''
  const partial = isPartial ? ' Some history is no longer kept.' : ''
  return `${found}${name === 'cancelled' ? ' when it was cancelled' : ''}, ${searched}${more}.${partial}`
}

export function megabytes(bytes: number): string {
  if (bytes < 100_000) return `${Math.ceil(bytes / 1_000)} kB`
  const mb = bytes / 1_000_000
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`
}
