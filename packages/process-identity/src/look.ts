import { isZombie, parseProcStat } from './proc-stat.ts'
import { attempt, type ProcessReaders } from './readers.ts'

/** What the system says about a pid at this moment. */
export type Sight =
  | { readonly kind: 'seen'; readonly startTime: string; readonly zombie: boolean }
  /** Nobody has this pid: the kernel said so. */
  | { readonly kind: 'gone' }
  /** Somebody has it, or may have, and the system does not tell who. */
  | { readonly kind: 'hidden' }

/** Who has this pid now. */
export function look(pid: number, readers: ProcessReaders): Sight {
  return attempt(() => lookInto(pid, readers)) ?? askTheKernel(pid, readers)
}

function lookInto(pid: number, readers: ProcessReaders): Sight | undefined {
  switch (readers.platform) {
    case 'linux': {
      const stat = parseProcStat(readers.readText(`/proc/${pid}/stat`))
      return stat && { kind: 'seen', startTime: stat.startTime, zombie: isZombie(stat) }
    }
    case 'win32': {
      const ticks = readers.run('powershell.exe', [
        '-NoProfile',
        '-Command',
        `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToUniversalTime().Ticks`,
      ])
      return /^\d+$/.test(ticks) ? { kind: 'seen', startTime: ticks, zombie: false } : undefined
    }
    default: {
      // `S+   Sat Nov 21 08:29:01 2026`, with the zone and the language fixed by the reader.
      const [, state = '', startTime] =
        /^(\S+)\s+(\S.*)$/.exec(readers.run('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`])) ?? []
      return startTime === undefined
        ? undefined
        : { kind: 'seen', startTime: startTime.trim(), zombie: state.startsWith('Z') }
    }
  }
}

/** `/proc` may be hidden from us (`hidepid`), or not mounted at all; `kill(pid, 0)` never lies. */
function askTheKernel(pid: number, readers: ProcessReaders): Sight {
  try {
    readers.kill(pid, 0)
    return { kind: 'hidden' }
  } catch (error) {
    return codeOf(error) === 'ESRCH' ? { kind: 'gone' } : { kind: 'hidden' }
  }
}

/** The `code` of a system error. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
