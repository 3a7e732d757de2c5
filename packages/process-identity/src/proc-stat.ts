/** One line of `/proc/PID/stat`, as far as anybody here needs it. */
export interface ProcStat {
  readonly pid: number
  /** The name of the program, at most 15 bytes, as the program itself may have set it. */
  readonly name: string
  /** One letter: `R` runs, `S` sleeps, `D` waits for a device, `T` is stopped, `Z` is a zombie … */
  readonly state: string
  readonly parentPid: number
  readonly processGroup: number
  /** The pid of the process that began the session; 0 when that lies outside our pid namespace. */
  readonly session: number
  /** The device number of the controlling terminal; 0 without one. */
  readonly terminal: number
  readonly threads: number
  /** Processor time that it has used so far, in clock ticks. */
  readonly cpuTicks: number
  /** Pages of memory that it has in use. */
  readonly residentPages: number
  /** Clock ticks since the boot, as decimal text: it may exceed what a number holds exactly. */
  readonly startTime: string
}

/**
 * Reads a line of `/proc/PID/stat`.
 *
 * The name stands in parentheses and may itself hold spaces, parentheses and line ends, so the
 * fields are counted from the last `)`.
 *
 * @returns `undefined` when this is no such line.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function parseProcStat(text: string): ProcStat | undefined {
  const nameStart = text.indexOf('(')
  const nameEnd = text.lastIndexOf(')')
  const pid = Number(text.slice(0, Math.max(nameStart, 0)))
  // Field 3 of the manual page, the state, is fields[0]; what follows field 24 is not cut up.
  const fields = text
    .slice(nameEnd + 2)
    .trimEnd()
    .split(' ', 22)
  const [state, parentPid, processGroup, session, terminal] = fields
  const threads = fields[17]
  const startTime = fields[19]
  const residentPages = fields[21]
  if (nameStart < 0 || nameEnd < nameStart || !Number.isSafeInteger(pid) || pid < 1) return
  if (!state || startTime === undefined || !/^\d+$/.test(startTime)) return
  if (residentPages === undefined) return
  return {
    pid,
    name: text.slice(nameStart + 1, nameEnd),
    state,
    parentPid: Number(parentPid),
    processGroup: Number(processGroup),
    session: Number(session),
    terminal: Number(terminal),
    threads: Number(threads),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    residentPages: Number(residentPages),
    startTime,
  }
}

/** A process that has ended and only waits for its parent to notice. */
export function isZombie({ state, threads }: Pick<ProcStat, 'state' | 'threads'>): boolean {
  // A first thread that has returned is shown as a zombie while the others go on.
  return /^[ZXx]$/.test(state) && !(threads > 1)
}
