import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { codeOf } from '../system-error.ts'
import { type LaunchErrno, launchFailure } from './launch-failure.ts'

/** Where names are looked up without a `PATH`: what `execvp` does. */
const DEFAULT_PATH = '/bin:/usr/bin'

export interface ResolveOptions {
  /** What relative paths, in `command` and in `path`, are relative to. Absolute. */
  readonly cwd: string
  /** The `PATH` of the program's own environment (default: `/bin:/usr/bin`). */
  readonly path?: string | undefined
}

/**
 * Finds the program that `command` means, before anything is started: after the fork it is too late
 * to tell anybody but the log.
 *
 * @param command With a slash it is a path; without, a name that is looked up in `path`.
 * @returns Its absolute path. It is a regular file that this user may execute.
 * @throws LaunchFailure `ENOENT`, `EACCES` or `EISDIR`
 */
export function resolveCommand(command: string, options: ResolveOptions): string {
  const { cwd, path = DEFAULT_PATH } = options
  const quoted = JSON.stringify(command)
  if (command === '')
    throw launchFailure('ENOENT', 'command is empty: give a path or a name in PATH')

  if (command.includes('/') || (process.platform === 'win32' && command.includes('\\'))) {
    const file = resolve(cwd, command)
    const trouble = troubleWith(file)
    if (trouble) throw launchFailure(trouble, `command ${quoted} ${why(trouble)}`, { path: file })
    return file
  }

  let nearly: { readonly trouble: LaunchErrno; readonly file: string } | undefined
  for (const folder of path.split(delimiter)) {
    // An empty entry means the working folder.
    const file = resolve(cwd, folder, command)
    const trouble = troubleWith(file)
    if (!trouble) return file
    // As execvp: one that may not be run is told only if no later folder has a better one.
    if (trouble === 'EACCES') nearly ??= { trouble, file }
  }
  if (nearly)
    throw launchFailure(
      nearly.trouble,
      `command ${quoted}: ${nearly.file} ${why(nearly.trouble)}`,
      {
        path: nearly.file,
      },
    )
  throw launchFailure(
    'ENOENT',
    `command ${quoted} is in no folder of PATH (${path}): install it, extend PATH, or give a path`,
    { path: command },
  )
}

/** Why this file cannot be run. */
function troubleWith(file: string): LaunchErrno | undefined {
  try {
    const stat = statSync(file)
    if (stat.isDirectory()) return 'EISDIR'
    if (!stat.isFile()) return 'EACCES'
    accessSync(file, constants.X_OK)
    return undefined
  } catch (error) {
    const code = codeOf(error)
    return code === 'EACCES' || code === 'EPERM' ? 'EACCES' : 'ENOENT'
  }
}

function why(trouble: LaunchErrno): string {
  switch (trouble) {
    case 'EISDIR':
      return 'is a folder, not a program'
    case 'EACCES':
      return 'may not be executed by this user: try chmod +x'
    default:
      return 'does not exist'
  }
}
