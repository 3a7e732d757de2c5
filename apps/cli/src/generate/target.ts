import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { CliError } from '../cli-error.ts'
import type { Installation, UnitUser } from './systemd-unit.ts'

/** Beside the command line, whether that runs from `dist` or from its sources. */
export const SERVER: string = fileURLToPath(
  import.meta.url.replace(/\/cli\/(?:dist|src)\/.*$/, '/server/dist/main.js'),
)
const PERL = '/usr/bin/perl'

/** The programs of the installation that this command belongs to. @throws CliError `BAD_FILE`. */
export function thisInstallation(): Installation {
  if (!existsSync(SERVER))
    throw new CliError('BAD_FILE', `the server is not built (${SERVER}); run: npm run build`)
  return { node: process.execPath, server: SERVER, perl: isProgram(PERL) ? PERL : undefined }
}

/** Debian's `useradd` takes no others, and none of these means anything to a supervisor. */
const NAME = /^[a-z_][a-z0-9_-]{0,31}$/

/** Who the server is to run as. Not root, unless somebody says so: sessions are shells. */
const SERVICE_USER = 'conductor'

/**
 * The user of that name, or whoever runs this; for root, `conductor`.
 *
 * @param passwd Of the machine, in the form of passwd(5).
 * @throws CliError `USAGE` for what can be no name.
 */
export function findUser(
  name: string | undefined,
  own: { readonly username: string; readonly homedir: string } = userInfo(),
  passwd: string = readFileSync('/etc/passwd', 'utf8'),
): UnitUser {
  const wanted = name ?? (own.username === 'root' ? SERVICE_USER : own.username)
  if (!NAME.test(wanted))
    throw new CliError('USAGE', `--user: ${JSON.stringify(wanted)} is no name of a user`)
  const fields = passwd.split('\n').map((line) => line.split(':'))
  const home = fields.find(([each]) => each === wanted)?.[5]
  // Users of a directory service stand in no file.
  return { name: wanted, home: home || (wanted === own.username ? own.homedir : undefined) }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
