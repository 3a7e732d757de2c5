import './phone-input.css'
import type { JSX } from 'preact'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { Icon } from '../../ui/icons.tsx'
import { ComposeBar } from './compose-bar.tsx'
import { KeyRow } from './key-row.tsx'

export interface PhoneInputProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

/** What a phone types with, between the terminal and the bottom bar: keys it lacks, and a field to write in. */
export function PhoneInput({ app, terminal }: PhoneInputProps): JSX.Element {
  const { reading } = terminal
  return (
    <div class="phone-input">
      <div class="phone-keys">
        <button
          type="button"
          class="key reading-key"
          aria-label="Read as text"
          aria-pressed={reading.value}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            reading.value = !reading.value
          }}
        >
          <Icon name="text" />
        </button>
        <KeyRow app={app} terminal={terminal} />
      </div>
      <ComposeBar app={app} terminal={terminal} />
    </div>
  )
}
