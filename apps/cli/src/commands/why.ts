import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { renderWhy } from '../render/why-text.ts'
import type { WhyJson } from '../server/process-json.ts'
import { pathOf, type ServerLink } from '../server/server-link.ts'

export async function why(
  { out, style }: Context,
  link: ServerLink,
  name: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const found = await link.json<WhyJson>(pathOf(name, '/why'))
  if (options.json) await printJson(out, found)
  else await out.write(renderWhy(found, style))
  return 0
}
