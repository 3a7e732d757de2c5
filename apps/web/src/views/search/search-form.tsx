import type { JSX, RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { sessionKey } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { Icon } from '../../ui/icons.tsx'
import { type SearchFields, SPANS } from './search-place.ts'

export interface SearchFormProps {
  readonly app: App
  readonly input: RefObject<HTMLInputElement>
  readonly fields: SearchFields
  readonly isRunning: boolean
  readonly onSearch: (fields: SearchFields) => void
  readonly onCancel: () => void
}

/** What is looked for, and where. Enter starts; a filter that is changed starts again. */
export function SearchForm(props: SearchFormProps): JSX.Element {
  const { app, input, isRunning, onSearch, onCancel } = props
  const [fields, setFields] = useState(props.fields)
  const asked = JSON.stringify(props.fields)
  useEffect(() => setFields(props.fields), [asked])

  function filter(change: Partial<SearchFields>): void {
    const next = { ...fields, ...change }
    setFields(next)
    if (next.q !== '') onSearch(next)
  }

  return (
    <search>
      <form
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault()
          onSearch(fields)
        }}
      >
        <div class="search-line">
          <Icon name="search" />
          <input
            ref={input}
            class="field"
            type="text"
            aria-label="Search all sessions"
            placeholder="Search all sessions"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            enterkeyhint="search"
            maxLength={1_000}
            value={fields.q}
            onInput={({ currentTarget }) => setFields({ ...fields, q: currentTarget.value })}
          />
          <button
            type="button"
            class="search-option"
            aria-label="Match case"
            title="Match case"
            aria-pressed={fields.matchCase}
            onClick={() => filter({ matchCase: !fields.matchCase })}
          >
            Aa
          </button>
          <button
            type="button"
            class="search-option"
            aria-label="Regular expression"
            title="Regular expression"
            aria-pressed={fields.regex}
            onClick={() => filter({ regex: !fields.regex })}
          >
            .*
          </button>
          {isRunning ? (
            <button type="button" class="button" onClick={onCancel}>
              Cancel
            </button>
          ) : (
            <button type="submit" class="button primary" disabled={fields.q === ''}>
              Search
            </button>
          )}
        </div>
        <div class="search-filters">
          <select
            class="field select"
            aria-label="In which session"
            value={fields.session}
            onChange={({ currentTarget }) => filter({ session: currentTarget.value })}
          >
            <option value="">All sessions</option>
            {app.sessions.all().map(({ ref, info }) => (
              <option key={sessionKey(ref)} value={sessionKey(ref)}>
                {info.name}
              </option>
            ))}
          </select>
          <select
            class="field select"
            aria-label="When"
            value={fields.span}
            onChange={({ currentTarget }) => filter({ span: currentTarget.value })}
          >
            <option value="">Any time</option>
            {Object.entries(SPANS).map(([span, { title }]) => (
              <option key={span} value={span}>
                {title}
              </option>
            ))}
            <option value="range">Between…</option>
          </select>
          {fields.span === 'range' && (
            <>
              <input
                class="field"
                type="datetime-local"
                aria-label="From"
                value={fields.from}
                onChange={({ currentTarget }) => filter({ from: currentTarget.value })}
              />
              <input
                class="field"
                type="datetime-local"
                aria-label="To"
                value={fields.to}
                onChange={({ currentTarget }) => filter({ to: currentTarget.value })}
              />
            </>
          )}
        </div>
      </form>
    </search>
  )
}
