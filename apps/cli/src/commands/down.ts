import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { isNamed, type ProcessJson } from '../server/process-json.ts'
import type { ServerLink } from '../server/server-link.ts'

/** Stops these, or all, after what depends on them. */
export async function down(
  { out }: Context,
  link: ServerLink,
  names: readonly string[],
  options: { readonly json?: boolean; readonly wait: boolean },
): Promise<ExitCode> {
  const all = await link.json<ProcessJson[]>(`/api/processes/down?wait=${options.wait}`, {
    method: 'POST',
    body: names.length > 0 ? { names } : {},
  })
  const asked = names.length > 0 ? all.filter((process) => isNamed(process, names)) : all
  if (options.json) await printJson(out, asked)
  else for (const { name, phase } of asked) await out.write(`${name} is ${phase}\n`)
  return 0
}
