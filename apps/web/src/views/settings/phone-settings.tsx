import type { JSX } from 'preact'
import { PHONE_KEY_NAMES, PHONE_KEYS, type PhoneKeyName } from '../../phone/phone-keys.ts'
import type { App } from '../../state/app.ts'
import { SelectField, SwitchField } from '../../ui/fields.tsx'
import { IconButton } from '../../ui/icon-button.tsx'

/** What a page with little room types with. */
export function PhoneSettings({ app: { settings } }: { readonly app: App }): JSX.Element {
  const { phoneSize, phoneTicks, composeEnter } = settings.values.value
  return (
    <fieldset class="settings-group">
      <legend>On a phone</legend>
      <SelectField
        label="Make a session as narrow as the phone"
        hint="Reading never does."
        value={phoneSize}
        options={[
          { value: 'typing', label: 'When I type into it' },
          { value: 'asked', label: 'Only when I say so' },
        ]}
        onChange={(value) => settings.set('phoneSize', value)}
      />
      <SwitchField
        label="Enter behind what is composed"
        checked={composeEnter}
        onChange={(value) => settings.set('composeEnter', value)}
      />
      <SwitchField
        label="Keys can be felt"
        hint="Where the device can."
        checked={phoneTicks}
        onChange={(value) => settings.set('phoneTicks', value)}
      />
      <details class="phone-keys-list">
        <summary>The row of keys</summary>
        <KeyOrder
          keys={settings.values.value.phoneKeys}
          onChange={(keys) => settings.set('phoneKeys', keys)}
        />
        <button type="button" class="button" onClick={() => settings.reset('phoneKeys')}>
          As it was at first
        </button>
      </details>
    </fieldset>
  )
}

interface KeyOrderProps {
  readonly keys: readonly PhoneKeyName[]
  readonly onChange: (keys: readonly PhoneKeyName[]) => void
}

/** Those of the row in its order, then the others. */
function KeyOrder({ keys, onChange }: KeyOrderProps): JSX.Element {
  const others = PHONE_KEY_NAMES.filter((name) => !keys.includes(name))

  function move(name: PhoneKeyName, by: -1 | 1): void {
    const at = keys.indexOf(name)
    const next = keys.filter((each) => each !== name)
    onChange(next.toSpliced(at + by, 0, name))
  }

  return (
    <ol class="key-order">
      {[...keys, ...others].map((name) => {
        const { title, label } = PHONE_KEYS[name]
        const at = keys.indexOf(name)
        return (
          <li key={name}>
            <kbd>{label}</kbd>
            <IconButton
              icon="up"
              label={`${title}: further to the left`}
              disabled={at <= 0}
              onClick={() => move(name, -1)}
            />
            <IconButton
              icon="down"
              label={`${title}: further to the right`}
              disabled={at < 0 || at === keys.length - 1}
              onClick={() => move(name, 1)}
            />
            <input
              type="checkbox"
              role="switch"
              class="switch"
              checked={at >= 0}
              aria-checked={at >= 0}
              aria-label={title}
              onChange={({ currentTarget: { checked } }) =>
                onChange(checked ? [...keys, name] : keys.filter((each) => each !== name))
              }
            />
          </li>
        )
      })}
    </ol>
  )
}
