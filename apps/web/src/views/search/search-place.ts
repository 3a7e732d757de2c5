import { type Place, place } from '../../layout/place.ts'
import type { SearchQuery } from '../../search/search-run.ts'
import { HERE } from '../../servers/server.ts'

/** Spans of time that are offered, in milliseconds. */
export const SPANS: Readonly<Record<string, { readonly title: string; readonly ms: number }>> = {
  hour: { title: 'Last hour', ms: 3_600_000 },
  day: { title: 'Last 24 hours', ms: 86_400_000 },
  week: { title: 'Last 7 days', ms: 7 * 86_400_000 },
}

/** What the fields say: also what the address says. */
export interface SearchFields {
  readonly q: string
  readonly regex: boolean
  readonly matchCase: boolean
  /** `server/id`; empty for all. */
  readonly session: string
  /** One of {@link SPANS}, empty for any time, or `range`. */
  readonly span: string
  /** As a field for dates has them, in local time. */
  readonly from: string
  readonly to: string
}

export function fieldsOf({ params }: Place): SearchFields {
  return {
    q: params['q'] ?? '',
    regex: params['regex'] === '1',
    matchCase: params['case'] === '1',
    session: params['session'] ?? '',
    span: params['span'] ?? '',
    from: params['from'] ?? '',
    to: params['to'] ?? '',
  }
}

export function placeOfFields(fields: SearchFields): Place {
  const { q, regex, matchCase, session, span, from, to } = fields
  const isRange = span === 'range'
  return place('search', '', {
    q: q || undefined,
    regex: regex ? '1' : undefined,
    case: matchCase ? '1' : undefined,
    session: session || undefined,
    span: span || undefined,
    from: (isRange && from) || undefined,
    to: (isRange && to) || undefined,
  })
}

/** @param nowMs The date, in milliseconds since 1970. */
export function queryOf(fields: SearchFields, nowMs: number): SearchQuery {
  const { q, regex, matchCase, session, span, from, to } = fields
  const cut = session.indexOf('/')
  const known = SPANS[span]
  return {
    text: q,
    isRegex: regex,
    matchCase,
    session: session
      ? { server: cut < 0 ? HERE : session.slice(0, cut), id: session.slice(cut + 1) }
      : undefined,
    sinceMs: known ? nowMs - known.ms : span === 'range' ? dateOf(from) : undefined,
    beforeMs: span === 'range' ? dateOf(to) : undefined,
  }
}

function dateOf(text: string): number | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
