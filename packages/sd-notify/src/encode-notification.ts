import { SdNotifyError } from './sd-notify-error.ts'

/** What systemd understands and a message without file descriptors can say. It ignores what it is too old for. */
const KEYS = [
  'READY',
  'RELOADING',
  'STOPPING',
  'MONOTONIC_USEC',
  'STATUS',
  'NOTIFYACCESS',
  'ERRNO',
  'BUSERROR',
  'VARLINKERROR',
  'EXIT_STATUS',
  'MAINPID',
  'MAINPIDFDID',
  'WATCHDOG',
  'WATCHDOG_USEC',
  'EXTEND_TIMEOUT_USEC',
  'RESTART_RESET',
  'FDSTOREREMOVE',
  'FDNAME',
] as const

/** A variable of the protocol. `FDSTORE`, `BARRIER` and `MAINPIDFD` are missing: they need a descriptor sent along. */
export type NotifyKey = (typeof KEYS)[number]

/** One message. A field that is `undefined` is left out; `X_…` is free for everybody. */
export type NotifyFields = {
  readonly [Key in NotifyKey]?: string | number | undefined
} & { readonly [key: `X_${string}`]: string | number | undefined }

const known: ReadonlySet<string> = new Set(KEYS)
const EXTENSION = /^X_[A-Z0-9_]+$/

/** systemd takes a carriage return for the end of a line too, and a zero for the end of the message. */
const ENDS_A_LINE = /[\n\r\0]/

/** systemd ignores a longer message as a whole (`NOTIFY_BUFFER_MAX`, which is Linux' `PIPE_BUF`). */
const LONGEST_BYTES = 4_096

/**
 * The text of a message: one `KEY=value` per line, in the order given.
 *
 * A value cannot become a line of its own, whatever it holds: what ends a line is refused.
 *
 * @throws SdNotifyError `BAD_OPTION` for a key that is not known, a value with a line break or a zero
 * character, a number that is no whole one, no field at all, or more than 4,096 bytes.
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export function encodeNotification(fields: NotifyFields): string {
  const lines = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : `${checkedKey(key)}=${checkedValue(key, value)}`,
  )
  if (lines.length === 0) throw bad('a notification needs at least one field')
  const text = lines.join('\n')
  const bytes = Buffer.byteLength(text)
  if (bytes > LONGEST_BYTES)
    throw bad(`${bytes} bytes: systemd ignores over ${LONGEST_BYTES}; shorten the status`)
  return text
}

function checkedKey(key: string): string {
  if (known.has(key) || EXTENSION.test(key)) return key
  throw bad(`${JSON.stringify(key)} is no field: use ${KEYS.join(', ')}, or X_… for your own`)
}

function checkedValue(key: string, value: unknown): string {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    throw bad(`${key} is ${value}: it must be a whole number`)
  }
  if (typeof value !== 'string') throw bad(`${key} must be a string or a number`)
  if (ENDS_A_LINE.test(value))
    throw bad(`${key} is ${JSON.stringify(value)}: it may hold no line break and no zero character`)
  return value
}

function bad(text: string): SdNotifyError {
  return new SdNotifyError('BAD_OPTION', text)
}
