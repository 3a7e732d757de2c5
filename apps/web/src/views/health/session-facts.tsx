import type { JSX } from 'preact'
import type { Server } from '../../servers/server.ts'
import { ageText } from '../../ui/measures.ts'
import { StateMark } from '../../ui/state-mark.tsx'

const STATUSES = {
  running: { tone: 'good', todo: '' },
  stalled: {
    tone: 'warn',
    todo: 'Its output cannot be written, as on a full disk. It goes on when there is room.',
  },
  unreachable: {
    tone: 'warn',
    todo: 'Its host does not answer. That proves nothing: it is asked again and again.',
  },
  lost: { tone: 'danger', todo: 'Its host has died. Open it to start it again, or delete it.' },
  exited: { tone: 'idle', todo: '' },
} as const

/** The sessions by how they are, and those that somebody should look at. */
export function SessionFacts({
  server,
  nowMs,
}: {
  readonly server: Server
  readonly nowMs: number
}): JSX.Element | null {
  const state = server.sessions.state.value
  if (state.name !== 'ready') return null
  const { sessions } = state
  const wrong = sessions.filter(({ status }) => STATUSES[status].todo !== '')
  const oldest = sessions.map(({ createdAt }) => Date.parse(createdAt)).sort((a, b) => a - b)[0]
  return (
    <section class="health-sessions" aria-label="Sessions">
      <h3>Sessions</h3>
      <p>
        {sessions.length === 0
          ? 'There are none.'
          : `${sessions.length} in all${oldest === undefined ? '' : `, the oldest for ${ageText(nowMs - oldest)}`}${wrong.length === 0 ? '. All of them are well.' : '.'}`}
      </p>
      <ul>
        {wrong.map(({ id, name, status, reason }) => (
          <li key={id} class="unwell">
            <StateMark tone={STATUSES[status].tone} word={name} />
            <span>
              {status}
              {reason && ` (${reason})`}. {STATUSES[status].todo}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
