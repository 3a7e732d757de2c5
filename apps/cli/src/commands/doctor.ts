import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'

export async function doctor(
  _: Context,
  __: string,
  ___: Readonly<Record<string, string>>,
  ____: { readonly url?: string; readonly json?: boolean },
): Promise<ExitCode> {
  return 0
}
