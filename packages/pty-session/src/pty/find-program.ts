import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, resolve } from 'node:path'
import { PtySessionError } from '../pty-session-error.ts'

/** Where names are looked up without a PATH: what `execvp` does. */
const DEFAULT_PATH = '/bin:/usr/bin'

/** Linux refuses longer arguments and variables, in bytes. @see https://man7.org/linux/man-pages/man2/execve.2.html MAX_ARG_STRLEN */
const LONGEST_STRING_BYTES = 128 * 1024 - 1

export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Finds the program, and all that would keep it from starting: after the fork it is too late to
 * tell anybody but the terminal.
 *
 * @returns Its absolute path.
 * @throws PtySessionError `SPAWN_FAILED` or `BAD_OPTION`, naming the field and the fix.
 */
export function findProgram({ command, args, cwd, env }: ProgramOptions): string {
  checkStrings(command, args, cwd, env)
  checkFolder(cwd)
  if (command === '') throw failed('command is empty: give an absolute path or a name in env.PATH')
  if (isAbsolute(command)) {
    const trouble = troubleWith(command)
    if (trouble) throw failed(`command ${quote(command)} ${trouble.text}`, trouble.cause)
    return command
  }
  if (command.includes('/'))
    throw failed(
      `command ${quote(command)} is a relative path: make it absolute, or give a name that is in env.PATH`,
    )
  return lookUp(command, cwd, env)
}

function lookUp(name: string, cwd: string, env: Readonly<Record<string, string>>): string {
  const { PATH = DEFAULT_PATH } = env
  let nearly: string | undefined
  for (const folder of PATH.split(delimiter)) {
    // An empty entry means the working folder.
    const path = resolve(cwd, folder, name)
    const trouble = troubleWith(path)
    if (!trouble) return path
    if (!trouble.missing) nearly ??= `${path} ${trouble.text}`
  }
  throw failed(
    nearly
      ? `command ${quote(name)}: ${nearly}`
      : `command ${quote(name)} is in no folder of env.PATH (${PATH}): install it, extend env.PATH, or give an absolute path`,
  )
}

/** Why this file cannot be run. */
function troubleWith(path: string): { text: string; missing: boolean; cause: unknown } | undefined {
  try {
    if (statSync(path).isDirectory())
      return { text: 'is a folder, not a program', missing: false, cause: undefined }
    accessSync(path, constants.X_OK)
    return undefined
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { text: 'does not exist', missing: true, cause }
    if (code === 'EACCES')
      return { text: 'may not be executed by this user: try chmod +x', missing: false, cause }
    return { text: `cannot be run (${code})`, missing: false, cause }
  }
}

function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw failed(`cwd ${quote(cwd)} is a relative path: make it absolute`)
  try {
    if (!statSync(cwd).isDirectory())
      throw failed(`cwd ${quote(cwd)} is not a folder: give the folder to start in`)
    accessSync(cwd, constants.X_OK)
  } catch (cause) {
    if (cause instanceof PtySessionError) throw cause
    const code = codeOf(cause)
    if (code === 'ENOENT')
      throw failed(`cwd ${quote(cwd)} does not exist: make the folder, or give another`, cause)
    throw failed(`cwd ${quote(cwd)} may not be entered by this user (${code})`, cause)
  }
}

/** C strings end at the first zero byte: what stands behind would be dropped without a word. */
function checkStrings(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): void {
  checkString('command', command)
  checkString('cwd', cwd)
  for (const [index, arg] of args.entries()) checkString(`args[${index}]`, arg)
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || name.includes('='))
      throw new PtySessionError(
        'BAD_OPTION',
        `env has the name ${quote(name)}, which no program can read`,
      )
    checkString(`env.${name}`, `${name}=${value}`)
  }
}

function checkString(field: string, text: string): void {
  if (text.includes('\0')) throw new PtySessionError('BAD_OPTION', `${field} has a zero byte in it`)
  const bytes = text.length * 3 > LONGEST_STRING_BYTES ? Buffer.byteLength(text) : 0
  if (bytes > LONGEST_STRING_BYTES)
    throw failed(
      `${field} has ${bytes} bytes, and the system takes at most ${LONGEST_STRING_BYTES}: pass it in a file or by input`,
    )
}

function failed(text: string, cause?: unknown): PtySessionError {
  return new PtySessionError('SPAWN_FAILED', text, cause === undefined ? {} : { cause })
}

function quote(text: string): string {
  return JSON.stringify(text)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
