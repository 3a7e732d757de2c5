import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Call, CallState } from '../../attention/calls.ts'
import { sessionPlace } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { Icon } from '../../ui/icons.tsx'
import { fullTime, relativeTime } from '../../ui/time-text.ts'
import { useNow } from '../../ui/use-now.ts'
import { answerCall } from './answer-call.ts'

const STATE_WORDS: Readonly<Record<CallState, string>> = {
  waiting: 'Waits',
  failed: 'Failed',
  done: 'Done',
}

/** One session that waits, with what can be done about it right here. */
export function WaitingCard({
  app,
  call,
}: {
  readonly app: App
  readonly call: Call
}): JSX.Element {
  const { ref, key, info, state, since, text, isSeen } = call
  const now = useNow(15_000)
  const [isAnswering, setAnswering] = useState(false)
  return (
    <li class="waiting-card" data-session={ref.id} data-state={state} data-seen={isSeen}>
      <div class="waiting-what">
        <span class="waiting-state">{STATE_WORDS[state]}</span>
        <h3>{info.name}</h3>
        <time dateTime={since} title={fullTime(since)}>
          {relativeTime(Date.parse(since), now)}
        </time>
      </div>
      {text && <p class="waiting-text">{text}</p>}
      {isAnswering ? (
        <Answer app={app} call={call} onDone={() => setAnswering(false)} />
      ) : (
        <div class="waiting-actions">
          <button
            type="button"
            class="button"
            onClick={() => app.workspace.open(sessionPlace(ref))}
          >
            <Icon name="terminal" />
            Open
          </button>
          {info.status === 'running' && (
            <button type="button" class="button" onClick={() => setAnswering(true)}>
              <Icon name="pencil" />
              Answer
            </button>
          )}
          {!isSeen && (
            <button type="button" class="button plain" onClick={() => app.calls.see(key)}>
              <Icon name="check" />
              Seen
            </button>
          )}
        </div>
      )}
    </li>
  )
}

interface AnswerProps {
  readonly app: App
  readonly call: Call
  readonly onDone: () => void
}

function Answer({ app, call, onDone }: AnswerProps): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null)
  const [isSending, setSending] = useState(false)
  const draft = app.phone.compose.of(call.key)

  async function send(): Promise<void> {
    setSending(true)
    const text = draft.draft.peek()
    if (await answerCall(app, call.ref, text)) {
      draft.took(text)
      app.calls.see(call.key)
      onDone()
    }
    setSending(false)
  }

  return (
    <form
      class="waiting-answer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        ref={field}
        class="field"
        rows={2}
        aria-label={`Answer to ${call.info.name}`}
        placeholder="It is typed into the session, with Enter behind it."
        // A person has asked for it just now.
        autofocus
        value={draft.draft.value}
        onInput={({ currentTarget }) => draft.write(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone()
          else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <div class="waiting-actions">
        <button type="submit" class="button primary" disabled={isSending}>
          {isSending ? 'Sending…' : 'Send'}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  )
}
