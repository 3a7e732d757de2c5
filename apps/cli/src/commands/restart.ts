import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { ProcessJson } from '../server/process-json.ts'
import { pathOf, type ServerLink } from '../server/server-link.ts'
import { stateLine } from './up.ts'

/** Stops and starts a process, or a group; replicas one after the other. */
export async function restart(
  { out, style }: Context,
  link: ServerLink,
  name: string,
  options: { readonly json?: boolean; readonly wait: boolean },
): Promise<ExitCode> {
  const path = pathOf(name, `/restart?wait=${options.wait}`)
  const answer = await link.json<ProcessJson | ProcessJson[]>(path, { method: 'POST' })
  if (options.json) await printJson(out, answer)
  else for (const process of [answer].flat()) await out.write(stateLine(process, style))
  return 0
}
