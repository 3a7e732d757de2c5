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

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isSdNotifyError(error: unknown, code?: SdNotifyErrorCode): error is SdNotifyError {
  return (
    error instanceof Error &&
    error.name === 'SdNotifyError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}
