import './log.css'
import { systemClock } from '@conductor/machine'
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Server } from '../../../servers/server.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Icon } from '../../../ui/icons.tsx'
import { findInLog, MOST_FOUND } from './find-in-log.ts'
import { type FollowedLog, followLog } from './follow-log.ts'
import type { LogLine } from './log-line.ts'
import { LogLines } from './log-lines.tsx'
import { pretty, wraps } from './log-settings.ts'

/** What is there at once; the rest comes when it is asked for. */
const FIRST_LINES = 5_000

export interface LogViewProps {
  readonly server: Server
  readonly name: string
}

/** The log of one process, as it grows. */
export function LogView({ server, name }: LogViewProps): JSX.Element {
  const [whole, setWhole] = useState(false)
  const [log, setLog] = useState<FollowedLog>()
  const isPretty = pretty.value

  useEffect(() => {
    const tail = whole ? undefined : FIRST_LINES
    const next = followLog({ api: server.api, name, tail, pretty: isPretty, clock: systemClock })
    setLog(next)
    return next.close
  }, [server, name, whole, isPretty])

  return (
    <div class="log">
      {log && (
        <OpenLog
          key={name}
          log={log}
          name={name}
          address={server.api.url(`api/processes/${encodeURIComponent(name)}/logs`).href}
          onWhole={whole ? undefined : () => setWhole(true)}
        />
      )}
    </div>
  )
}

interface OpenLogProps {
  readonly log: FollowedLog
  readonly name: string
  readonly address: string
  /** Gets what was written before; `undefined` when it is there. */
  readonly onWhole: (() => void) | undefined
}

function OpenLog({ log, name, address, onWhole }: OpenLogProps): JSX.Element {
  const [frozen, setFrozen] = useState<readonly LogLine[]>()
  const [atEnd, setAtEnd] = useState(true)
  const [words, setWords] = useState('')
  const [goTo, setGoTo] = useState<{ readonly index: number; readonly turn: number }>()
  const live = log.lines.value
  const lines = frozen ?? live
  const found = useMemo(() => findInLog(lines, words), [lines, words])
  const at = goTo ? found.indexOf(goTo.index) : -1

  function go(step: number): void {
    if (found.length === 0) return
    // The newest is the first one that a person is after.
    const next = at < 0 ? found.length - 1 : (at + step + found.length) % found.length
    setAtEnd(false)
    setGoTo({ index: found[next] ?? 0, turn: (goTo?.turn ?? 0) + 1 })
  }

  function onFindKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') setWords('')
    else if (event.key === 'Enter') go(event.shiftKey ? 1 : -1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const counted =
    found.length === 0
      ? 'none'
      : `${at < 0 ? '' : `${at + 1} of `}${found.length}${found.length === MOST_FOUND ? '+' : ''}`

  return (
    <>
      <div class="log-bar" role="toolbar" aria-label={`Log of ${name}`}>
        <label class="log-find">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Find in the log"
            aria-label="Find in the log"
            spellcheck={false}
            value={words}
            onInput={({ currentTarget }) => {
              setWords(currentTarget.value)
              setGoTo(undefined)
            }}
            onKeyDown={onFindKey}
          />
          {words && (
            <span class="log-count" role="status">
              {counted}
            </span>
          )}
        </label>
        {words && (
          <>
            <IconButton icon="up" label="Find the one before" onClick={() => go(-1)} />
            <IconButton icon="down" label="Find the one after" onClick={() => go(1)} />
          </>
        )}
        <span class="log-tools">
          <IconButton
            icon={frozen ? 'play' : 'pause'}
            label={frozen ? 'Go on' : 'Pause'}
            pressed={frozen !== undefined}
            onClick={() => setFrozen(frozen ? undefined : live)}
          />
          <IconButton
            icon="wrap"
            label="Wrap long lines"
            pressed={wraps.value}
            onClick={() => {
              wraps.value = !wraps.value
            }}
          />
          <IconButton
            icon="braces"
            label="Make JSON readable"
            pressed={pretty.value}
            onClick={() => {
              pretty.value = !pretty.value
            }}
          />
          <a class="icon-button" href={address} download={`${name}.log`} aria-label="Download">
            <Icon name="download" />
          </a>
        </span>
      </div>
      <div class="log-body">
        {lines.length === 0 && log.connection.value === 'live' && (
          <EmptyState
            icon="prompt"
            title="Nothing written yet"
            text="What it writes to its output and its errors comes here as it is written."
          />
        )}
        <LogLines
          label={`Lines of ${name}`}
          lines={lines}
          dropped={frozen ? 0 : log.dropped.value}
          wraps={wraps.value}
          words={words}
          goTo={goTo}
          atEnd={atEnd}
          onAtEnd={setAtEnd}
        />
        {(!atEnd || frozen) && (
          <button
            type="button"
            class="button log-end"
            onClick={() => {
              setFrozen(undefined)
              setAtEnd(true)
            }}
          >
            <Icon name="down" />
            {frozen && live !== frozen ? 'Newer lines' : 'To the end'}
          </button>
        )}
      </div>
      <p class="log-foot">
        <span class="log-live" data-connection={frozen ? 'paused' : log.connection.value}>
          <span class="dot" />
          {frozen ? 'paused' : CONNECTIONS[log.connection.value]}
        </span>
        <span>{lines.length.toLocaleString('en')} lines</span>
        {onWhole && lines.length >= FIRST_LINES && (
          <button type="button" class="link-button" onClick={onWhole}>
            Show all that is kept
          </button>
        )}
      </p>
    </>
  )
}

const CONNECTIONS = {
  connecting: 'connecting…',
  live: 'live',
  waiting: 'the server does not answer, trying again…',
} as const
