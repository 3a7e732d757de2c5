/** With these a program takes itself for one that supervisord started, and may write to its events. */
const NAMES = ['ENABLED', 'SERVER_URL', 'PROCESS_NAME', 'GROUP_NAME'] as const

/** Removes what supervisord told this process alone, before there is a child that would inherit it. */
export function forgetSupervisord(env: Record<string, string | undefined>): void {
  for (const name of NAMES) delete env[`SUPERVISOR_${name}`]
}
