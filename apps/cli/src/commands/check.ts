import { join } from 'node:path'
import { checkHeartbeat, isHealthError, nagiosCheck } from '@conductor/health'
import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'

export interface CheckOptions {
  /** The age of the heartbeat in seconds, as ranges of Nagios. */
  readonly warning: string
  readonly critical: string
  readonly json?: boolean
}

/** A plugin for Nagios and Icinga: one line with performance data; 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export async function check(
  { out, clock }: Context,
  stateDir: string,
  { json, ...ranges }: CheckOptions,
): Promise<ExitCode> {
  const daemon = await checkHeartbeat(heartbeatPath(stateDir), { clock })
  const { line, exitCode } = judge()
  if (json) await printJson(out, { ...daemon, exit_code: exitCode, line })
  else await out.write(`${line}\n`)
  return exitCode

  function judge(): ReturnType<typeof nagiosCheck> {
    try {
      return nagiosCheck(daemon, ranges)
    } catch (error) {
      if (!isHealthError(error, 'BAD_OPTION')) throw error
      return { exitCode: 3, line: `UNKNOWN - ${error.message.replace(/^\[[^\]]*\] /, '--')}` }
    }
  }
}

export function heartbeatPath(stateDir: string): string {
  return join(stateDir, 'daemon.heartbeat')
}
