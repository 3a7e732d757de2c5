import type { PushSettingsJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { HERE } from '../../servers/server.ts'
import type { App } from '../../state/app.ts'
import { SwitchField } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icons.tsx'

const STATES = {
  waiting: 'When one waits for an answer',
  failed: 'When one has failed',
  done: 'When one is done',
} as const

/** How a person is told, on this device and on all of theirs. */
export function NotifySettings({ app }: { readonly app: App }): JSX.Element {
  const { settings } = app.notifying
  const rules = settings.value.value
  const save = (change: Partial<PushSettingsJson>): void =>
    void app.sessions.attempt(() => settings.save(change))
  return (
    <>
      <fieldset class="settings-group">
        <legend>This device</legend>
        <Device app={app} />
        <SwitchField
          label="Also from a page in the background"
          hint="While the page is open and hidden."
          checked={app.settings.values.value.notices}
          onChange={(on) => app.settings.set('notices', on)}
        />
      </fieldset>
      {rules && (
        <fieldset class="settings-group">
          <legend>All devices</legend>
          {(Object.keys(STATES) as (keyof typeof STATES)[]).map((state) => (
            <SwitchField
              key={state}
              label={STATES[state]}
              checked={rules.states.includes(state)}
              onChange={(on) =>
                save({
                  states: on
                    ? [...rules.states, state]
                    : rules.states.filter((each) => each !== state),
                })
              }
            />
          ))}
          <SwitchField
            label="With what the session says"
            hint="It stands on the lock screen then."
            checked={rules.includeText}
            onChange={(includeText) => save({ includeText })}
          />
          <QuietHours rules={rules} save={save} />
          <Muted app={app} rules={rules} save={save} />
        </fieldset>
      )}
    </>
  )
}

function Device({ app }: { readonly app: App }): JSX.Element {
  const { device } = app.notifying
  const state = device.state.value
  switch (state.name) {
    case 'impossible':
      return <p class="form-hint">{state.reason}</p>
    case 'denied':
      return (
        <p class="form-hint">
          The browser was told not to. Its settings for this page take that back.
        </p>
      )
    case 'on':
      return (
        <div class="notify-device">
          <p>You are told on this device, also while no page is open.</p>
          <button
            type="button"
            class="button"
            onClick={() => void app.sessions.attempt(device.turnOff)}
          >
            Turn off
          </button>
        </div>
      )
    default:
      return (
        <div class="notify-device">
          <p>Be told on this device, also while no page is open.</p>
          <button
            type="button"
            class="button primary"
            disabled={state.name !== 'off'}
            onClick={() => void app.sessions.attempt(device.turnOn)}
          >
            <Icon name="bell" />
            {state.name === 'asking' ? 'Asking…' : 'Turn on'}
          </button>
        </div>
      )
  }
}

interface RulesProps {
  readonly rules: PushSettingsJson
  readonly save: (change: Partial<PushSettingsJson>) => void
}

function QuietHours({ rules: { quietHours }, save }: RulesProps): JSX.Element {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const time = (which: 'from' | 'to', label: string): JSX.Element => (
    <label class="quiet-time">
      {label}
      <input
        class="field"
        type="time"
        value={quietHours?.[which]}
        onChange={({ currentTarget: { value } }) => {
          if (quietHours && value) save({ quietHours: { ...quietHours, [which]: value } })
        }}
      />
    </label>
  )
  return (
    <>
      <SwitchField
        label="Quiet hours"
        hint={quietHours ? `In ${quietHours.timeZone}.` : 'When nothing is sent.'}
        checked={quietHours !== undefined}
        onChange={(on) =>
          save({ quietHours: on ? { from: '22:00', to: '07:00', timeZone } : undefined })
        }
      />
      {quietHours && (
        <div class="quiet-hours">
          {time('from', 'From')}
          {time('to', 'To')}
        </div>
      )}
    </>
  )
}

/** By session: those of our own server, which is the one that sends. */
function Muted({ app, rules, save }: RulesProps & { readonly app: App }): JSX.Element | null {
  const sessions = app.sessions.all().filter(({ ref }) => ref.server === HERE)
  if (sessions.length === 0) return null
  return (
    <details class="notify-sessions">
      <summary>Each session</summary>
      {sessions.map(({ ref: { id }, info }) => (
        <SwitchField
          key={id}
          label={info.name}
          checked={!rules.muted.includes(id)}
          onChange={(on) =>
            save({
              muted: on ? rules.muted.filter((each) => each !== id) : [...rules.muted, id],
            })
          }
        />
      ))}
    </details>
  )
}
