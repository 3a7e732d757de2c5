import { checkHeartbeat, daemonExitCode, renderDaemonStatus } from '@conductor/health'
import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { heartbeatPath } from './check.ts'

/** Whether the server that beats in `stateDir` lives and works: 0 healthy, 1 unhealthy, 3 cannot be told. */
export async function daemonStatus(
  { out, clock }: Context,
  stateDir: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const daemon = await checkHeartbeat(heartbeatPath(stateDir), { clock })
  if (options.json) await printJson(out, daemon)
  else await out.write(renderDaemonStatus(daemon, 'conductor serve'))
  return daemonExitCode(daemon)
}
