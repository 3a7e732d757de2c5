import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { isZombie, type ProcessIdentity, parseProcStat } from '@conductor/process-identity'

/** One living process, as far as it matters whose session it belongs to. */
export interface SessionMember {
  readonly pid: number
  readonly session: number
  /** The device number of its terminal; 0 without one. */
  readonly terminal: number
  readonly startTime: string
}

export interface MembersOptions {
  readonly leader: ProcessIdentity
  /** The device number of the session's terminal, while we hold it open: nobody else can have it then. */
  readonly terminal: number | undefined
  /** Once the leader has ended: the time of that, in the unit of `startTime`. */
  readonly endedAt: number | undefined
}

/**
 * Which of these processes belong to the session of `leader`.
 *
 * A session's number is the leader's pid, which the kernel gives to nobody while a process of the
 * session lives. After the last one it may become another session. So once the leader has ended, the
 * session is only believed to be the same while a member lives that is older than the leader's end.
 */
export function membersOf(all: readonly SessionMember[], options: MembersOptions): SessionMember[] {
  const { leader, terminal, endedAt } = options
  const began = Number(leader.startTime)
  const bearer = all.find(({ pid }) => pid === leader.pid)
  if (bearer && bearer.startTime !== leader.startTime) return []
  const inSession = all.filter(
    (each) =>
      Number(each.startTime) >= began &&
      (each.session === leader.pid || (each.terminal !== 0 && each.terminal === terminal)),
  )
  if (endedAt === undefined || inSession.some((each) => Number(each.startTime) <= endedAt))
    return inSession
  return []
}

let scanned: readonly SessionMember[] | undefined

/** Every living process. One scan serves everybody who asks in the same turn of the event loop. */
export function livingProcesses(): readonly SessionMember[] {
  if (scanned) return scanned
  scanned = scan()
  setImmediate(() => {
    scanned = undefined
  })
  return scanned
}

function scan(): SessionMember[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const stat = parseProcStat(readProcess(name))
    return stat && !isZombie(stat) ? [stat] : []
  })
}

function readProcess(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Now, in the unit of `startTime`: clock ticks since the boot.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_uptime.5.html The kernel shows 100 ticks a second to everybody.
 */
export function ticksNow(): number | undefined {
  try {
    return Math.ceil(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100)
  } catch {
    return undefined
  }
}

/**
 * The same where there is no `/proc`: processes on that terminal or in the leader's process group.
 * Best effort, not tested on a real macOS.
 */
export function processesByPs(leader: ProcessIdentity, terminalPath: string): SessionMember[] {
  const name = terminalPath.replace('/dev/', '')
  return run('ps', ['-axo', 'pid=,pgid=,tty=,stat=,lstart='])
    .split('\n')
    .flatMap((line) => {
      const [, pid, group, tty, state, startTime] =
        /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? []
      if (pid === undefined || startTime === undefined || state?.startsWith('Z')) return []
      if (tty !== name && Number(group) !== leader.pid) return []
      return [{ pid: Number(pid), session: leader.pid, terminal: 0, startTime }]
    })
}

function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    })
  } catch {
    return ''
  }
}
