import { isZombie, parseProcStat } from '@conductor/process-identity'
import { COOKIE_VARIABLE } from '../launch/child-environment.ts'
import { attempt, systemTreeReaders, type TreeReaders } from './tree-readers.ts'

/** One living process at the time of a scan. Zombies are in no table. */
export interface ProcessRow {
  readonly pid: number
  readonly parentPid: number
  readonly group: number
  readonly session: number
  readonly name: string
  /** To be compared; also ordered, on Linux. */
  readonly startTime: string
  readonly rssBytes: number
  /** Processor time it has used so far, in milliseconds. */
  readonly cpuMs: number
  /** The cookie in its environment; '' when it bears none, or hides it from us. */
  readonly cookie: string
}

export interface ProcessTable {
  /**
   * All processes, read after this call. Callers of one turn of the event loop share a scan, and
   * nobody is given one that began before they asked.
   */
  snapshot(): Promise<readonly ProcessRow[]>
  /** How many scans there were. */
  readonly scans: number
}

/** So many processes are read at a stretch, about a millisecond, before others have their turn. */
const SLICE = 50

/** The kernel shows 100 ticks a second to everybody. @see https://man7.org/linux/man-pages/man7/time.7.html */
const TICK_MS = 10

/** The page size of nearly every machine, in bytes, where the kernel does not tell. */
const USUAL_PAGE_BYTES = 4_096

/** Reads `/proc`, or `ps` where there is none (written for macOS, not tested on one). */
export function createProcessTable(options: { readonly readers?: TreeReaders } = {}): ProcessTable {
  const { readers = systemTreeReaders } = options
  const pageBytes = readers.platform === 'linux' ? pageSize(readers) : USUAL_PAGE_BYTES
  /** A process keeps the environment that its parent gave it, so each is read once in its life. */
  let cookies = new Map<string, string>()
  let next: Promise<readonly ProcessRow[]> | undefined
  let scans = 0

  async function scan(): Promise<readonly ProcessRow[]> {
    // Everybody who asks in this turn is on board.
    await turn()
    next = undefined
    scans++
    if (readers.platform !== 'linux') return readPs(readers)
    const rows: ProcessRow[] = []
    const seen = new Map<string, string>()
    let read = 0
    for (const name of attempt(() => readers.list('/proc')) ?? []) {
      if (!/^\d+$/.test(name)) continue
      if (++read % SLICE === 0) await turn()
      const row = readRow(name)
      if (!row) continue
      rows.push(row)
      seen.set(keyOf(row), row.cookie)
    }
    cookies = seen
    return rows
  }

  function readRow(pid: string): ProcessRow | undefined {
    const stat = parseProcStat(attempt(() => readers.readText(`/proc/${pid}/stat`)) ?? '')
    if (!stat || isZombie(stat)) return undefined
    return {
      pid: stat.pid,
      parentPid: stat.parentPid,
      group: stat.processGroup,
      session: stat.session,
      name: stat.name,
      startTime: stat.startTime,
      rssBytes: stat.residentPages * pageBytes,
      cpuMs: stat.cpuTicks * TICK_MS,
      cookie: cookies.get(keyOf(stat)) ?? readCookie(pid),
    }
  }

  function readCookie(pid: string): string {
    const text = attempt(() => readers.readText(`/proc/${pid}/environ`)) ?? ''
    const prefix = `${COOKIE_VARIABLE}=`
    return (
      text
        .split('\0')
        .find((each) => each.startsWith(prefix))
        ?.slice(prefix.length) ?? ''
    )
  }

  return {
    snapshot() {
      next ??= scan()
      return next
    },
    get scans() {
      return scans
    },
  }
}

/** Which process, in a word. */
export function keyOf({ pid, startTime }: Pick<ProcessRow, 'pid' | 'startTime'>): string {
  return `${pid} ${startTime}`
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What we have mapped is told in KiB in one file and in pages in another; pages are a power of two. */
function pageSize(readers: TreeReaders): number {
  const status = attempt(() => readers.readText('/proc/self/status')) ?? ''
  const statm = attempt(() => readers.readText('/proc/self/statm')) ?? ''
  const bytes = Number(/^VmSize:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024
  const exponent = Math.round(Math.log2(bytes / Number(statm.split(' ')[0])))
  return Number.isFinite(exponent) ? 2 ** exponent : USUAL_PAGE_BYTES
}

/** `ps` shows neither cookies nor sessions there: groups and parents are all there is. */
function readPs(readers: TreeReaders): ProcessRow[] {
  const columns = 'pid=,ppid=,pgid=,stat=,rss=,time=,lstart=,comm='
  const printed = attempt(() => readers.run('ps', ['-axo', columns])) ?? ''
  return printed.split('\n').flatMap((line) => {
    const [, pid, parentPid, group, state = '', rss, time = '', startTime = '', name = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d+)\s+(.*)$/.exec(
        line,
      ) ?? []
    if (pid === undefined || state.startsWith('Z')) return []
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        group: Number(group),
        session: 0,
        name: name.split('/').at(-1) ?? '',
        startTime,
        rssBytes: Number(rss) * 1_024,
        cpuMs: milliseconds(time),
        cookie: '',
      },
    ]
  })
}

/** `1-02:03:04.05`: days, hours, minutes and seconds, of which the first may be missing. */
function milliseconds(time: string): number {
  const [days, rest] = time.includes('-') ? time.split('-') : ['0', time]
  const seconds = (rest ?? '').split(':').reduce((sum, each) => sum * 60 + Number(each), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1_000)
}
