import type { JSX } from 'preact'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'

export interface PhoneInputProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

/**
 * What a phone types with, between the terminal and the bottom bar: a row of keys and a bar to compose
 * in belong here. `terminal.type` types keys, `terminal.xterm.paste` sends text as one paste.
 */
export function PhoneInput(_: PhoneInputProps): JSX.Element | null {
  return null
}
