import { childEnvironment, makeCookie } from '../launch/child-environment.ts'
import type { Launched } from '../launch/launch.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { RunRecord } from '../records/process-record.ts'
import type { InstanceSpec, ResolvedSpec } from '../spec/check-spec.ts'
import type { Platform } from './platform.ts'

export interface LaunchPlan {
  readonly instance: InstanceSpec
  readonly spec: ResolvedSpec
  readonly baseEnv: Readonly<Record<string, string | undefined>>
  readonly platform: Platform
  readonly log: ProcessLog
  /** In milliseconds since 1970. */
  readonly now: number
}

/**
 * Makes the process, behind its gate: nothing of the program runs before `go()`.
 *
 * @throws an error with a `code` when nothing was started.
 */
export function beginLaunch(plan: LaunchPlan): {
  readonly record: RunRecord
  readonly launched: Launched
} {
  const { instance, spec, baseEnv, platform, log, now } = plan
  const { name, cwd, socketPath } = instance
  const command = platform.resolveCommand(spec.command, cwd, spec.env['PATH'] ?? baseEnv['PATH'])
  const cookie = makeCookie()
  const readyFd = spec.ready?.kind === 'fd'
  // One for each launch: what an earlier run left in its own must not count as this one's.
  const cgroup = platform.makeCgroup(`${name}-${cookie.slice(0, 8)}`)
  const launched = platform.launch({
    command,
    args: spec.args,
    cwd,
    env: childEnvironment(baseEnv, { name, cookie, socketPath, readyFd, env: spec.env }),
    stdoutFd: log.fd,
    stderrFd: log.fd,
    readyFd,
    cgroup,
  })
  const record: RunRecord = {
    identity: launched.identity,
    cookie,
    ...(cgroup === undefined ? {} : { cgroup }),
    startedAt: now,
    logFrom: log.size().endOffset,
  }
  return { record, launched }
}
