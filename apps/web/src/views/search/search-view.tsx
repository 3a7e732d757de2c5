import './search-view.css'
import { systemClock } from '@conductor/machine'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { createSearchRun, type SearchHit, type SearchRun } from '../../search/search-run.ts'
import { sessionKey } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { Icon } from '../../ui/icons.tsx'
import type { ViewProps } from '../views.ts'
import { HitRow } from './hit-row.tsx'
import { openHit } from './open-hit.ts'
import { SearchForm } from './search-form.tsx'
import { fieldsOf, placeOfFields, queryOf } from './search-place.ts'
import { searchText } from './search-text.ts'

/** What was found stays, also while another tab is shown. */
const runs = new WeakMap<App, SearchRun>()

function runOf(app: App): SearchRun {
  const known =
    runs.get(app) ?? createSearchRun({ servers: () => app.servers.all.peek(), clock: systemClock })
  runs.set(app, known)
  return known
}

/** The output of all sessions, searched. */
export function SearchView({ app, place, pane, focused }: ViewProps): JSX.Element {
  const run = runOf(app)
  const state = run.state.value
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const asked = JSON.stringify(fieldsOf(place))

  useEffect(() => {
    const fields = fieldsOf(place)
    const query = queryOf(fields, systemClock.date())
    const { query: before } = run.state.peek()
    // Coming back to it is no new search; a span of time that goes up to now is not the same twice.
    const same =
      before &&
      JSON.stringify({ ...query, sinceMs: 0 }) === JSON.stringify({ ...before, sinceMs: 0 })
    if (!same || askedBefore.get(run) !== asked) run.start(query)
    askedBefore.set(run, asked)
  }, [asked])

  useEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0 && !app.page.coveredNow())
      input.current?.focus()
  }, [focused, visits])

  function move(by: number): void {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('.hit') ?? [])]
    const now = rows.indexOf(document.activeElement as HTMLElement)
    if (now + by < 0) input.current?.focus()
    else rows[Math.min(now + by, rows.length - 1)]?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target instanceof HTMLSelectElement) return
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Escape' && state.name === 'running') run.cancel()
    else if (event.key === 'Escape') input.current?.focus()
    else return
    event.preventDefault()
  }

  const groups = groupsOf(state.hits)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go through what was found
    <div class="view search-view" data-search={state.name} onKeyDown={onKeyDown}>
      <div class="search-head">
        <SearchForm
          app={app}
          input={input}
          fields={fieldsOf(place)}
          isRunning={state.name === 'running'}
          onCancel={() => run.cancel()}
          onSearch={(fields) => {
            const next = placeOfFields(fields)
            askedBefore.delete(run)
            if (JSON.stringify(next) === JSON.stringify(place))
              run.start(queryOf(fields, systemClock.date()))
            else app.workspace.dispatch({ type: 'navigate', pane, place: next })
          }}
        />
        <p class="search-progress" role="status" data-problem={state.problem !== undefined}>
          {searchText(state)}
        </p>
      </div>
      <div ref={list} class="search-hits">
        {groups.map(({ key, name, hits }) => (
          <div key={key} class="hit-group">
            <h2 class="hit-session">
              <Icon name="terminal" />
              <span>{name}</span>
              <small>{hits.length}</small>
            </h2>
            {hits.map((hit) => (
              <HitRow key={hit.offset} hit={hit} onOpen={() => openHit(app, hit)} />
            ))}
          </div>
        ))}
        {state.hasMore && (
          <button type="button" class="button search-more" onClick={() => run.more()}>
            Search further back
          </button>
        )}
      </div>
    </div>
  )
}

/** What the fields said when a run was started. */
const askedBefore = new WeakMap<SearchRun, string>()

interface HitGroup {
  readonly key: string
  readonly name: string
  readonly hits: SearchHit[]
}

/** By session, in the order of their latest hit. */
function groupsOf(hits: readonly SearchHit[]): readonly HitGroup[] {
  const groups = new Map<string, HitGroup>()
  for (const hit of hits) {
    const key = sessionKey(hit.ref)
    const group = groups.get(key) ?? { key, name: hit.name, hits: [] }
    group.hits.push(hit)
    groups.set(key, group)
  }
  return [...groups.values()]
}
