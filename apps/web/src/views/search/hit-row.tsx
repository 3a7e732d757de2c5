import type { JSX } from 'preact'
import { hitParts } from '../../search/hit-text.ts'
import type { SearchHit } from '../../search/search-run.ts'

export interface HitRowProps {
  readonly hit: SearchHit
  readonly onOpen: () => void
}

/** One line that was found. */
export function HitRow({ hit, onOpen }: HitRowProps): JSX.Element {
  const date = hit.timeMs === undefined ? undefined : new Date(hit.timeMs)
  return (
    <button type="button" class="hit" data-offset={hit.offset} onClick={onOpen}>
      <time class="hit-time" dateTime={date?.toISOString()} title={date?.toLocaleString()}>
        {date ? shortTime(date) : ''}
      </time>
      <span class="hit-text">
        {hitParts(hit).map(({ text, isMatch }, index) =>
          isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
      </span>
    </button>
  )
}

/** Of today the time is enough. */
function shortTime(date: Date): string {
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday
    ? date.toLocaleTimeString(undefined, { timeStyle: 'medium' })
    : date.toLocaleString(undefined, {
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
      })
}
