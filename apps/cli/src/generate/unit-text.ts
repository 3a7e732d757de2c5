import { CliError } from '../cli-error.ts'

/** One line of a unit or config, and why it is there. */
export interface Setting {
  readonly name: string
  readonly value: string
  readonly why?: string | undefined
}

export interface Section {
  readonly name: string
  readonly settings: readonly Setting[]
}

/** Lines of comments are no longer than this, in characters. */
const COMMENT_WIDTH = 100

/** A file of sections, each setting below the reason for it. */
export function renderSections(head: readonly string[], sections: readonly Section[]): string {
  const blocks = sections.map(({ name, settings }) =>
    [`[${name}]`, ...settings.flatMap((each) => [...comment(each.why), line(each)])].join('\n'),
  )
  return `${[head.map((each) => `# ${each}`.trimEnd()).join('\n'), ...blocks].join('\n\n')}\n`
}

function line({ name, value }: Setting): string {
  return `${name}=${value}`
}

function comment(text = ''): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= COMMENT_WIDTH) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/**
 * A word of `ExecStart=`, as it is: neither a specifier (`%h`) nor a variable (`$HOME`) is put in for any
 * part of it.
 *
 * @see https://www.freedesktop.org/software/systemd/man/systemd.service.html "Command lines"
 */
export function execWord(word: string): string {
  return `'${escaped(word).replaceAll('$', '$$$$')}'`
}

/** `NAME=value` for `Environment=`, where `$` means nothing. `%i` and `%h` stay what systemd makes of them. */
export function environmentWord(name: string, value: string): string {
  return `"${name}=${value.replaceAll(/["\\]/g, '\\$&')}"`
}

function escaped(word: string): string {
  return word.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('%', '%%')
}

/** What systemd or supervisord would take for something else in a list of paths, whatever stands around it. */
const ODD = /["'\\:;#%$*\p{Cc}]/u

/**
 * A path that means itself in every setting of both supervisors.
 *
 * @param what Whose path it is, for the error.
 * @throws CliError `USAGE`.
 */
export function plainPath(what: string, path: string): string {
  const [odd] = ODD.exec(path) ?? []
  if (odd === undefined && path.startsWith('/')) return path
  const why = odd === undefined ? 'is not absolute' : `has ${JSON.stringify(odd)} in it`
  throw new CliError('USAGE', `${what}: ${JSON.stringify(path)} ${why}; choose another folder`)
}

/** A path in a setting that takes several with spaces between them. */
export function pathWord(path: string): string {
  return path.includes(' ') ? `"${path}"` : path
}
