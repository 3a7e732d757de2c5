import { weaknessOf } from '@conductor/server/src/auth/password.ts'
import { hashPassword } from '@conductor/server/src/auth/password-hash.ts'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'

/**
 * Prints the line for `AI_CONDUCTOR_PASSWORD_HASH`, of a password that is typed, or piped.
 *
 * A weak one is refused here, because the server cannot see from a hash how weak a password is.
 *
 * @throws CliError `FAILED`.
 */
export async function printPasswordHash(
  { secrets, out }: Context,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  const password = await secrets.read('Password: ')
  const weakness = weaknessOf(password)
  if (weakness) throw new CliError('FAILED', `${weakness}; choose another password`)
  if (secrets.isTyped && (await secrets.read('Again: ')) !== password)
    throw new CliError('FAILED', 'these are two passwords; type the same one twice')
  const hash = await hashPassword(password)
  if (json) await printJson(out, { hash })
  else await out.write(`${hash}\n`)
  return 0
}
