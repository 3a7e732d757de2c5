import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { renderProcesses } from '../render/processes-table.ts'
import type { ProcessJson } from '../server/process-json.ts'
import type { ServerLink } from '../server/server-link.ts'

export async function ps(
  { out, style, clock }: Context,
  link: ServerLink,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const processes = await link.json<ProcessJson[]>('/api/processes')
  if (options.json) await printJson(out, processes)
  else await out.write(renderProcesses(processes, clock.date(), style))
  return 0
}
