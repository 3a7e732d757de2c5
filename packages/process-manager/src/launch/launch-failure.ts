/**
 * `ENOENT`: no such program or folder. `EACCES`: not to be executed by this user. `EISDIR`: a folder.
 * `ENOTDIR`: `cwd` is no folder. `E2BIG`: arguments and environment are too long. `EINVAL`: a zero byte
 * in one of them. `EAGAIN`: no process, descriptor or memory is left.
 */
export type LaunchErrno = 'ENOENT' | 'EACCES' | 'EISDIR' | 'ENOTDIR' | 'E2BIG' | 'EINVAL' | 'EAGAIN'

/**
 * Nothing was started. A plain error like those of the system, so that the one error class of the
 * package can carry it as its `cause`, and a restart policy its `code` as `errno`.
 */
export interface LaunchFailure extends Error {
  readonly code: LaunchErrno
  /** The program or folder that is in the way, where it is one. */
  readonly path?: string
  readonly syscall: 'spawn'
}

/** Makes one. `text` has the facts and the fix. */
export function launchFailure(
  code: LaunchErrno,
  text: string,
  options: { readonly path?: string; readonly cause?: unknown } = {},
): LaunchFailure {
  const { path, cause } = options
  const error = new Error(`${text} (${code})`, cause === undefined ? {} : { cause })
  return Object.assign(error, {
    code,
    syscall: 'spawn' as const,
    ...(path === undefined ? {} : { path }),
  })
}

/** Whether it was thrown because nothing could be started. */
export function isLaunchFailure(error: unknown): error is LaunchFailure {
  return error instanceof Error && 'syscall' in error && error.syscall === 'spawn'
}
