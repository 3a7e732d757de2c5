import './audit.css'
import type { AuditFactJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { HERE, type Server } from '../../servers/server.ts'
import type { App } from '../../state/app.ts'
import { fullTime } from '../../ui/time-text.ts'
import type { ViewProps } from '../views.ts'
import { type AuditLog, createAuditLog } from './audit-log.ts'
import {
  type AuditFilter,
  detailOf,
  KINDS,
  type Kind,
  passes,
  personOf,
  wordsOf,
} from './audit-text.ts'

/** While few of the facts that are known pass the filter, older ones are asked for up to this many. */
const MOST_SEARCHED = 2_000

const ENOUGH = 30

/** Who did what on a server, newest first. */
export function AuditView({ app, place, focused }: ViewProps): JSX.Element {
  const first = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const [serverId, setServerId] = useState(place.params['server'] ?? HERE)
  const [session, setSession] = useState(place.id || undefined)
  const [filter, setFilter] = useState<AuditFilter>({ kind: 'all', person: '' })
  const server = app.servers.find(serverId) ?? app.servers.here
  const log = useMemo(() => createAuditLog(server, session), [server, session])

  useEffect(() => () => log.close(), [log])
  useLayoutEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      first.current?.focus({ preventScroll: true })
  }, [focused, visits])

  const save = (): Promise<void> =>
    app.sessions.attempt(async () => download(await log.export(), `audit-${server.name}.jsonl`))

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={first} class="view audit" tabIndex={0}>
      <div class="view-body">
        <div class="audit-head">
          <h2 class="view-title">Who did what</h2>
          <button type="button" class="button" onClick={() => void save()}>
            Save as JSON lines
          </button>
        </div>
        <p class="view-lead">Logins, links, who came and who typed; never what was typed.</p>
        <div class="audit-filters">
          <ServerChoice app={app} value={server.id} onChange={setServerId} />
          <SessionChoice server={server} value={session} onChange={setSession} />
          <label>
            Kind
            <select
              class="field select"
              value={filter.kind}
              onChange={({ currentTarget }) =>
                // The values of its options are these.
                setFilter({ ...filter, kind: currentTarget.value as Kind })
              }
            >
              {Object.entries(KINDS).map(([kind, title]) => (
                <option key={kind} value={kind}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <label>
            Person
            <input
              class="field"
              type="search"
              placeholder="Name or address"
              value={filter.person}
              onInput={({ currentTarget }) => setFilter({ ...filter, person: currentTarget.value })}
            />
          </label>
        </div>
        <Facts app={app} server={server} log={log} filter={filter} view={first} />
      </div>
    </div>
  )
}

interface ServerChoiceProps {
  readonly app: App
  readonly value: string
  readonly onChange: (id: string) => void
}

function ServerChoice({ app, value, onChange }: ServerChoiceProps): JSX.Element | null {
  const servers = app.servers.all.value.filter(({ reachable }) => reachable)
  if (servers.length < 2) return null
  return (
    <label>
      Server
      <select
        class="field select"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {servers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface SessionChoiceProps {
  readonly server: Server
  readonly value: string | undefined
  readonly onChange: (id: string | undefined) => void
}

function SessionChoice({ server, value, onChange }: SessionChoiceProps): JSX.Element {
  const state = server.sessions.state.value
  const sessions = state.name === 'ready' ? state.sessions : []
  const isGone = value !== undefined && !sessions.some(({ id }) => id === value)
  return (
    <label>
      Session
      <select
        class="field select"
        value={value ?? ''}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      >
        <option value="">All</option>
        {isGone && <option value={value}>{value}</option>}
        {sessions.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface FactsProps {
  readonly app: App
  readonly server: Server
  readonly log: AuditLog
  readonly filter: AuditFilter
  readonly view: { readonly current: HTMLElement | null }
}

function Facts({ app, server, log, filter, view }: FactsProps): JSX.Element {
  const end = useRef<HTMLDivElement>(null)
  const { facts, complete, loading, problem } = log.state.value
  const shown = facts.filter((fact) => passes(fact, filter))
  const wantsMore = shown.length < ENOUGH && facts.length < MOST_SEARCHED

  useEffect(() => {
    if (wantsMore && !complete && !loading && !problem) void log.more()
  }, [log, wantsMore, complete, loading, problem])

  useEffect(() => {
    if (!end.current) return undefined
    const observer = new IntersectionObserver(
      ([seen]) => {
        if (seen?.isIntersecting) void log.more()
      },
      { root: view.current, rootMargin: '400px' },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
    // Anew with each page: an end that stays in sight is no news to an observer.
  }, [log, facts.length])

  let day = ''
  return (
    <>
      <ol class="audit-list" aria-label="What happened, the newest first">
        {shown.map((fact) => {
          const today = fullTime(fact.at).split(',')[0] ?? ''
          const isNew = today !== day
          day = today
          return (
            <Fragment key={fact.id}>
              {isNew && <li class="audit-day">{today}</li>}
              <Fact app={app} server={server} fact={fact} />
            </Fragment>
          )
        })}
      </ol>
      <div ref={end} class="audit-end" role="status">
        {problem
          ? `${problem}.`
          : loading
            ? 'Loading…'
            : shown.length === 0
              ? 'Nothing fits.'
              : complete
                ? 'That is the beginning.'
                : ''}
      </div>
    </>
  )
}

interface FactProps {
  readonly app: App
  readonly server: Server
  readonly fact: AuditFactJson
}

function Fact({ app, server, fact }: FactProps): JSX.Element {
  const { text, tone } = wordsOf(fact)
  const who = personOf(fact)
  const subject =
    fact.name ??
    (fact.session && app.sessions.nameOf({ server: server.id, id: fact.session })) ??
    ''
  const address = fact.address && !who.includes(fact.address) ? `from ${fact.address}` : ''
  const more = [detailOf(fact), fact.via?.startsWith('share:') && 'by a link', address]
    .filter(Boolean)
    .join(', ')
  return (
    <li class="audit-fact" data-fact={fact.type} data-tone={tone}>
      <time dateTime={fact.at} title={fullTime(fact.at)}>
        {fullTime(fact.at).split(', ')[1]}
      </time>
      <p>
        {who && <span class="who">{who}</span>} <span class="did">{text}</span> {subject}
        {more && (
          <>
            {' '}
            <span class="more">({more})</span>
          </>
        )}
      </p>
    </li>
  )
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replace(/[^\w.-]+/g, '-')
  link.click()
  URL.revokeObjectURL(url)
}
