import type { DeathJson, ProcessJson, WhyJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError, errorText } from '../../api/api-error.ts'
import type { Server } from '../../servers/server.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ageText } from '../../ui/measures.ts'
import { readAnsi } from './log/ansi.ts'
import { sentences, tallyText } from './why-text.ts'

export interface ProcessWhyProps {
  readonly server: Server
  readonly process: ProcessJson
  readonly nowMs: number
}

type Answer =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly text: string }
  | { readonly name: 'ready'; readonly why: WhyJson; readonly tally: readonly DeathJson[] }

/** What happened, who asked for it, what was written last, and what comes next. */
export function ProcessWhy({ server, process, nowMs }: ProcessWhyProps): JSX.Element {
  const { name, phase, ready, restarts, lastStateChange } = process
  const [answer, setAnswer] = useState<Answer>({ name: 'loading' })
  const [deaths, setDeaths] = useState(0)

  useEffect(
    () =>
      server.events.on('process.death', (data) => {
        if ((data as DeathJson | undefined)?.name === name) setDeaths((count) => count + 1)
      }),
    [server, name],
  )

  useEffect(() => {
    const asked = new AbortController()
    const path = `api/processes/${encodeURIComponent(name)}`
    const options = { signal: asked.signal }
    Promise.all([
      server.api.ask<WhyJson>('GET', `${path}/why`, options),
      server.api.ask<readonly DeathJson[]>('GET', `${path}/deaths`, options),
    ])
      .then(([why, tally]) => {
        if (asked.signal.aborted) return
        // An answer that was cut short is none.
        if (!why || !tally) throw new ApiError('the answer was cut short', { status: 0 })
        setAnswer({ name: 'ready', why, tally })
      })
      .catch((error: unknown) => {
        if (!asked.signal.aborted) setAnswer({ name: 'failed', text: errorText(error) })
      })
    return () => asked.abort()
    // Whatever changes the answer changes one of these, and events tell of them.
  }, [server, name, phase, ready, restarts, lastStateChange, deaths])

  if (answer.name === 'loading')
    return <div class="view-loading" role="status" aria-label="Loading" />
  if (answer.name === 'failed')
    return <EmptyState icon="warning" title="That cannot be told" text={`${answer.text}.`} />
  const { why, tally } = answer
  const [first, ...others] = sentences(why)
  return (
    // It is scrolled by keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="why" tabIndex={0} aria-label="Why">
      <section class="why-now" aria-label="Why it is so">
        <p class="why-first">{first}</p>
        {others.map((each) => (
          <p key={each}>{each}</p>
        ))}
        {why.nextTryAt && <p>Next try in {ageText(Date.parse(why.nextTryAt) - nowMs)}.</p>}
      </section>
      <section aria-label="How it ended before">
        <h3>How it ended before</h3>
        {tally.length === 0 ? (
          <p class="why-none">It has never ended so far.</p>
        ) : (
          <>
            <p class="why-tally">{tallyText(tally)}</p>
            <ol class="deaths">
              {tally.toReversed().map((death, at) => (
                <Death
                  key={`${death.at}-${death.pid}`}
                  death={death}
                  nowMs={nowMs}
                  open={at === 0}
                />
              ))}
            </ol>
          </>
        )}
      </section>
    </section>
  )
}

interface DeathProps {
  readonly death: DeathJson
  readonly nowMs: number
  readonly open: boolean
}

function Death({ death, nowMs, open }: DeathProps): JSX.Element {
  const { at, startedAt, text, by, decision, lastLines, survivors = [] } = death
  const atMs = Date.parse(at)
  const lived = startedAt === undefined ? '' : `after ${ageText(atMs - Date.parse(startedAt))}`
  return (
    <li class="death" data-clean={death.exit.kind === 'code' && death.exit.code === 0}>
      <p class="death-what">
        <strong>{visibleText(text)}</strong> {lived}
      </p>
      <p class="death-more">
        <time dateTime={at} title={at}>
          {ageText(nowMs - atMs)} ago
        </time>
        {death.pid !== undefined && ` · pid ${death.pid}`}
      </p>
      <p>
        {by ? (
          <>
            Asked for by <strong>{visibleText(by)}</strong>.
          </>
        ) : (
          'Nobody asked for it.'
        )}{' '}
        Then: {visibleText(decision)}.
      </p>
      {survivors.length > 0 && (
        <p class="death-survivors">Could not be ended: {survivors.map(visibleText).join(', ')}.</p>
      )}
      {lastLines.length > 0 && (
        <details open={open}>
          <summary>
            Its last {lastLines.length === 1 ? 'line' : `${lastLines.length} lines`}
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard, too */}
          <pre tabIndex={0}>{lastLines.map((line) => readAnsi(line).text).join('\n')}</pre>
        </details>
      )}
    </li>
  )
}
