import { PHONE_KEY_NAMES, type PhoneKeyName, readPhoneKeys } from '../phone/phone-keys.ts'
import { TERMINAL_THEME_NAMES } from './theme-names.ts'

/** How one setting is checked. `undefined` for what it may not be. */
export interface SettingSpec<T> {
  readonly initial: T
  read(value: unknown): T | undefined
}

function oneOf<const T extends string>(values: readonly T[], initial: T): SettingSpec<T> {
  return { initial, read: (value) => values.find((each) => each === value) }
}

function onOff(initial: boolean): SettingSpec<boolean> {
  return { initial, read: (value) => (typeof value === 'boolean' ? value : undefined) }
}

/** Both ends included; what lies outside is put back to them. */
function number(least: number, most: number, initial: number): NumberSpec {
  const read = (value: unknown): number | undefined =>
    typeof value === 'number' && Number.isFinite(value)
      ? Math.min(Math.max(value, least), most)
      : undefined
  return { initial, least, most, read }
}

export interface NumberSpec extends SettingSpec<number> {
  readonly least: number
  readonly most: number
}

function text(longest: number, initial: string): SettingSpec<string> {
  const read = (value: unknown): string | undefined =>
    typeof value === 'string' && value.length <= longest ? value : undefined
  return { initial, read }
}

/** Every setting of this page. A new one is a new line here, and a field in the settings view. */
export const SETTINGS: {
  readonly [K in keyof Settings]: SettingSpec<Settings[K]>
} & { readonly [K in NumberSetting]: NumberSpec } = {
  theme: oneOf(['system', 'light', 'dark'], 'system'),
  terminalTheme: oneOf(TERMINAL_THEME_NAMES, 'auto'),
  fontFamily: text(200, ''),
  fontSize: number(9, 32, 14),
  lineHeight: number(1, 2, 1.15),
  ligatures: onOff(false),
  cursorStyle: oneOf(['block', 'bar', 'underline'], 'block'),
  cursorBlink: onOff(true),
  copyOnSelect: onOff(false),
  pasteGuard: onOff(true),
  bell: oneOf(['none', 'visual', 'sound'], 'visual'),
  screenReader: onOff(false),
  scrollbackLines: number(100, 100_000, 10_000),
  images: onOff(false),
  clipboardWrite: oneOf(['off', 'ask', 'allow'], 'off'),
  motion: oneOf(['system', 'reduced'], 'system'),
  phoneKeys: { initial: PHONE_KEY_NAMES, read: readPhoneKeys },
  phoneSize: oneOf(['typing', 'asked'], 'typing'),
  phoneTicks: onOff(true),
  composeEnter: onOff(true),
  notices: onOff(true),
}

export interface Settings {
  /** The colours of the page; `system` follows the system. */
  readonly theme: 'system' | 'light' | 'dark'
  /** The colours of terminals; `auto` is light or dark as the page is. */
  readonly terminalTheme: (typeof TERMINAL_THEME_NAMES)[number]
  /** As in CSS, before our own list; empty for that alone. */
  readonly fontFamily: string
  /** In CSS pixels. */
  readonly fontSize: number
  /** In font sizes. */
  readonly lineHeight: number
  /** Draws `=>` and its kind as one sign, where the font can. */
  readonly ligatures: boolean
  readonly cursorStyle: 'block' | 'bar' | 'underline'
  readonly cursorBlink: boolean
  readonly copyOnSelect: boolean
  /** Shows what several lines are before they are pasted into a program that would run them at once. */
  readonly pasteGuard: boolean
  readonly bell: 'none' | 'visual' | 'sound'
  /** Writes the output into the page for screen readers; slower. */
  readonly screenReader: boolean
  readonly scrollbackLines: number
  /** Pictures in the output (SIXEL, iTerm). */
  readonly images: boolean
  /** Whether a program may put text into the clipboard (OSC 52). Never read it. */
  readonly clipboardWrite: 'off' | 'ask' | 'allow'
  readonly motion: 'system' | 'reduced'
  /** The row of keys on a phone, in this order. */
  readonly phoneKeys: readonly PhoneKeyName[]
  /** Whether typing on a phone makes the terminal as large as the phone, or only a tap that says so. */
  readonly phoneSize: 'typing' | 'asked'
  /** Keys of the row can be felt. */
  readonly phoneTicks: boolean
  /** What is composed is sent with Enter behind it. */
  readonly composeEnter: boolean
  /** Tells of what waits while the page is hidden, once the browser was allowed to. */
  readonly notices: boolean
}

export type NumberSetting = 'fontSize' | 'lineHeight' | 'scrollbackLines'
