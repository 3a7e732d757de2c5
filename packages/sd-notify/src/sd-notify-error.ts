/**
 * `BAD_OPTION` is thrown: the message names the value and the fix. `NOT_SENT` and `FD_UNUSABLE` are only
 * told to `onTrouble`: systemd could not be reached, or a descriptor that was announced is no socket.
 */
export type SdNotifyErrorCode = 'BAD_OPTION' | 'NOT_SENT' | 'FD_UNUSABLE'

/** The one error of this package. */
export class SdNotifyError extends Error {
  override readonly name = 'SdNotifyError'
  readonly code: SdNotifyErrorCode

  constructor(code: SdNotifyErrorCode, text: string, options?: ErrorOptions) {
    super(`[sd-notify/${code}] ${text}`, options)
    this.code = code
  }
}

/** Whether it is our error, also when two copies of this package are loaded; with that code, if one is given. */
export function isSdNotifyError(value: unknown, code?: SdNotifyErrorCode): value is SdNotifyError {
  return (
    value instanceof Error &&
    value.name === 'SdNotifyError' &&
    'code' in value &&
    (code === undefined || value.code === code)
  )
}
