import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Stick } from '../../phone/modifiers.ts'
import { PHONE_KEYS, type PhoneKey, sentKeys } from '../../phone/phone-keys.ts'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { Icon } from '../../ui/icons.tsx'

export interface KeyRowProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

const STICK_WORDS: Readonly<Record<Stick, string>> = {
  off: '',
  once: ', for the next key',
  locked: ', locked',
}

/** Keys that a phone's keyboard lacks. None takes the focus, so the keyboard stays as it is. */
export function KeyRow({ app, terminal }: KeyRowProps): JSX.Element {
  const keys = app.settings.values.value.phoneKeys
  return (
    <div class="key-row" role="toolbar" aria-label="Keys">
      {keys.map((name) => (
        <Key key={name} app={app} terminal={terminal} phoneKey={PHONE_KEYS[name]} />
      ))}
    </div>
  )
}

function Key({ app, terminal, phoneKey }: KeyRowProps & { readonly phoneKey: PhoneKey }) {
  const { phone, commands } = app
  const { label, title, type, icon } = phoneKey
  const repeats = type === 'keys' && phoneKey.repeats === true
  const repeated = useRef(false)
  const release = useRef(() => {})
  const stick = type === 'modifier' ? phone.modifiers.value[phoneKey.modifier] : 'off'

  useEffect(() => () => release.current(), [])

  function press(): void {
    phone.tick()
    if (type === 'modifier') phone.tap(phoneKey.modifier)
    else if (type === 'paste') commands.run('terminal.paste')
    else if (terminal.state.peek().status.name === 'stopped') terminal.view.reconnect()
    else terminal.type(phone.modify(sentKeys(phoneKey.keys, terminal.xterm.applicationCursor)))
  }

  function hold(): void {
    repeated.current = false
    if (!repeats) return
    release.current()
    release.current = phone.hold(() => {
      repeated.current = true
      press()
    })
  }

  const letGo = (): void => release.current()
  return (
    <button
      type="button"
      class="key"
      aria-label={`${title}${STICK_WORDS[stick]}`}
      aria-pressed={type === 'modifier' ? stick !== 'off' : undefined}
      data-stick={type === 'modifier' ? stick : undefined}
      // The focus stays where it is.
      onMouseDown={(event) => event.preventDefault()}
      onPointerDown={hold}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onPointerLeave={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onClick={() => {
        if (!repeated.current) press()
        repeated.current = false
      }}
    >
      {icon ? <Icon name={icon} /> : label}
    </button>
  )
}
