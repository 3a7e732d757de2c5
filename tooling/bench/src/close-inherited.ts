import { closeSync, readdirSync, readFileSync } from 'node:fs'

/** In the octal flags of `/proc/PID/fdinfo`: the descriptor closes on exec, as all that Node opens do. */
const CLOSES_ON_EXEC = 0o2000000

/**
 * Closes what a shell or an editor has left open in us, which every daemon would inherit: to close that
 * again costs ours two execs at each launch, and the others, which pass it on, nothing.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    if (fd <= 2 || closesOnExec(fd)) continue
    closeSync(fd)
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '', 8) & CLOSES_ON_EXEC) !== 0
  } catch {
    // Gone: the one that has listed the others.
    return true
  }
}
