import './health.css'
import type { ServerStatusJson } from '@conductor/api-types'
import { systemClock } from '@conductor/machine'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { errorText } from '../../api/api-error.ts'
import type { Server } from '../../servers/server.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { ageText, bytesText } from '../../ui/measures.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import { useNow } from '../../ui/use-now.ts'
import type { ViewProps } from '../views.ts'
import { checkMeans, checkTodo, diskTone, LINK_TEXTS, QUESTION_TEXTS } from './health-text.ts'
import { askHealth, type HealthAnswer, QUESTIONS, readMetrics, type Sample } from './read-health.ts'
import { SessionFacts } from './session-facts.tsx'

/** A check is a question, which nothing but asking answers: so often, in milliseconds, while one looks. */
const AGAIN_MS = 5_000

interface Found {
  readonly answers: readonly HealthAnswer[]
  readonly status: ServerStatusJson
  readonly metrics: readonly Sample[]
  readonly atMs: number
}

type Asked =
  | { readonly name: 'loading' }
  | { readonly name: 'ready'; readonly found: Found }
  /** It did not answer: what is known is old. */
  | { readonly name: 'failed'; readonly text: string; readonly found: Found | undefined }

/** How the servers are, in plain words, and what to do where something is wrong. */
export function HealthView({ app, focused }: ViewProps): JSX.Element {
  const view = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const servers = app.servers.all.value

  useEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      view.current?.focus({ preventScroll: true })
  }, [focused, visits])

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={view} class="view health" tabIndex={0}>
      <div class="view-body">
        <h2 class="view-title">Health</h2>
        {servers.map((server) => (
          <section key={server.id} aria-label={`Health of ${server.name}`}>
            {servers.length > 1 && <h3 class="health-server">{server.name}</h3>}
            <OfServer server={server} />
          </section>
        ))}
      </div>
    </div>
  )
}

function OfServer({ server }: { readonly server: Server }): JSX.Element {
  const asked = useAsked(server)
  const nowMs = useNow()
  if (asked.name === 'loading')
    return (
      <div class="skeletons" role="status" aria-label="Asking the server">
        <span />
        <span />
      </div>
    )
  const problem = asked.name === 'failed' ? asked.text : undefined
  const { found } = asked
  if (!found)
    return (
      <EmptyState
        icon="warning"
        title="The server does not answer"
        text={`It could not be asked: ${problem}. It is asked again every few seconds. Sessions and processes go on without it.`}
      />
    )
  const isWell = problem === undefined && found.answers.every(({ status }) => status === 'pass')
  return (
    <>
      <p class="health-all" data-tone={isWell ? 'good' : 'danger'} role="status">
        <span class="dot" />
        {problem !== undefined
          ? `The server does not answer: ${problem}. This is what was known ${ageText(nowMs - found.atMs)} ago.`
          : isWell
            ? 'All is well.'
            : 'Something is wrong. See below what to do.'}
      </p>
      <Checks answers={found.answers} />
      <ServerFacts found={found} nowMs={nowMs} />
      <SessionFacts server={server} nowMs={nowMs} />
    </>
  )
}

/** Asks at once, every few seconds, and when the stream of events was opened anew. */
function useAsked(server: Server): Asked {
  const [asked, setAsked] = useState<Asked>({ name: 'loading' })
  useEffect(() => {
    const left = new AbortController()
    const { signal } = left
    let timer: unknown
    const ask = async (): Promise<void> => {
      systemClock.clearTimeout(timer)
      try {
        const found = await find(server, signal)
        if (!signal.aborted && found.status) setAsked({ name: 'ready', found })
      } catch (error) {
        if (signal.aborted) return
        const text = errorText(error)
        setAsked((before) => ({
          name: 'failed',
          text: text.charAt(0).toLowerCase() + text.slice(1),
          found: before.name === 'loading' ? undefined : before.found,
        }))
      }
      timer = systemClock.setTimeout(() => {
        if (document.visibilityState === 'visible') void ask()
      }, AGAIN_MS)
    }
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') void ask()
    }
    const stop = server.events.onReopened(() => void ask())
    document.addEventListener('visibilitychange', onVisible)
    void ask()
    return () => {
      left.abort()
      stop()
      systemClock.clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [server])
  return asked
}

async function find({ api }: Server, signal: AbortSignal): Promise<Found> {
  const metrics = async (): Promise<readonly Sample[]> =>
    readMetrics(await (await api.send('GET', 'metrics', { signal })).text())
  // The status first: without a login there is no use in the rest.
  const status = await api.ask<ServerStatusJson>('GET', 'api/status', { signal })
  const [samples, ...answers] = await Promise.all([
    metrics(),
    ...QUESTIONS.map((question) => askHealth(api, question, { signal })),
  ])
  return { answers, status, metrics: samples, atMs: systemClock.date() }
}

function Checks({ answers }: { readonly answers: readonly HealthAnswer[] }): JSX.Element {
  return (
    <ul class="questions">
      {QUESTIONS.map((question, at) => {
        const { title, yes, no } = QUESTION_TEXTS[question]
        const { status = 'fail', checks = [] } = answers[at] ?? {}
        const isWell = status !== 'fail'
        return (
          <li key={question} class="question">
            <h3>
              <StateMark tone={isWell ? 'good' : 'danger'} word={title} />
              {!isWell && ': no'}
              <code>/{question}</code>
            </h3>
            <p>{isWell ? yes : no}</p>
            <ul>
              {checks.map(({ name, status: one, tookMs }) => (
                <li key={name} class="check" data-status={one}>
                  <StateMark
                    tone={one === 'pass' ? 'good' : one === 'warn' ? 'warn' : 'danger'}
                    word={visibleText(name)}
                  />
                  <span>
                    {checkMeans(name)}
                    {one === 'pass' ? '' : `: no. ${checkTodo(name)}`}
                  </span>
                  <span class="took">{tookMs < 1 ? '< 1' : Math.round(tookMs)} ms</span>
                </li>
              ))}
            </ul>
          </li>
        )
      })}
    </ul>
  )
}

function ServerFacts({
  found,
  nowMs,
}: {
  readonly found: Found
  readonly nowMs: number
}): JSX.Element {
  const { status, metrics } = found
  const { heartbeat, disk } = status
  const value = (name: string): number => metrics.find((each) => each.name === name)?.value ?? 0
  const link = metrics.find((each) => each.name === 'conductor_liveness_state' && each.value === 1)
  const state = link?.labels['state'] ?? 'idle'
  const beatAge = heartbeat.lastAt ? nowMs - Date.parse(heartbeat.lastAt) : undefined
  return (
    <Facts>
      <Fact name="Server">
        pid {status.pid}, up for {ageText(nowMs - Date.parse(status.startedAt))}, uses{' '}
        {bytesText(value('process_resident_memory_bytes'))}
      </Fact>
      <Fact name="Heartbeat" tone={heartbeat.healthy ? 'good' : 'danger'}>
        {heartbeat.healthy && beatAge !== undefined
          ? `${ageText(beatAge)} ago`
          : `${visibleText(heartbeat.message)}. A supervisor that reads the file would restart the server.`}
      </Fact>
      {disk && (
        <Fact name="Disk" tone={diskTone(disk.freeBytes, disk.totalBytes)}>
          <Disk free={disk.freeBytes} total={disk.totalBytes} />
          <code>{visibleText(disk.path)}</code>
        </Fact>
      )}
      <Fact name="Apps" tone={state === 'grace' || state === 'unbound' ? 'warn' : undefined}>
        {LINK_TEXTS[state] ?? state}
        {value('conductor_liveness_clients') > 0 &&
          ` Linked now: ${value('conductor_liveness_clients')}.`}
      </Fact>
      <Fact name="Connections">
        {value('conductor_connections')} open, {value('conductor_viewers')} of them look at a
        session
      </Fact>
      <Fact name="Versions">Node.js {visibleText(status.nodeVersion)}</Fact>
    </Facts>
  )
}

function Disk({ free, total }: { readonly free: number; readonly total: number }): JSX.Element {
  const tone = diskTone(free, total)
  const used = total > 0 ? ((total - free) / total) * 100 : 0
  return (
    <>
      {bytesText(free)} free of {bytesText(total)}
      {tone !== 'good' &&
        '. Histories and logs stop when it is full: delete sessions, or make room.'}
      <span class="meter" aria-hidden="true">
        <span data-tone={tone} style={{ width: `${used}%` }} />
      </span>
    </>
  )
}
