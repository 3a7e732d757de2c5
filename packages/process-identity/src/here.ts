import { createHash } from 'node:crypto'
import { attempt, type ProcessReaders } from './readers.ts'

/** Where pids of this process mean something. */
export interface Here {
  /** Other at each boot; empty when the system does not tell. */
  readonly bootId: string
  readonly pidNamespace: string | undefined
  readonly host: string
}

/** None of it changes while a process lives. */
const known = new WeakMap<ProcessReaders, Here>()

/** The boot, the pid namespace and the machine that we are in. */
export function here(readers: ProcessReaders): Here {
  const cached = known.get(readers)
  if (cached) return cached
  const linux = readers.platform === 'linux'
  const found: Here = {
    bootId: attempt(() => readBootId(readers)) ?? '',
    pidNamespace: linux ? attempt(() => readers.readLink('/proc/self/ns/pid')) : undefined,
    host: linux ? `${readers.hostname()}${machine(readers)}` : readers.hostname(),
  }
  known.set(readers, found)
  return found
}

function readBootId(readers: ProcessReaders): string {
  switch (readers.platform) {
    case 'linux':
      return readers.readText('/proc/sys/kernel/random/boot_id').trim()
    case 'win32':
      return readers.run('powershell.exe', [
        '-NoProfile',
        '-Command',
        '(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().Ticks',
      ])
    default:
      // Not `kern.boottime` where there is better: it moves whenever the clock is set.
      return (
        attempt(() => readers.run('sysctl', ['-n', 'kern.bootsessionuuid'])) ||
        readers.run('sysctl', ['-n', 'kern.boottime'])
      )
  }
}

/**
 * Two machines may both be called `localhost` and share a folder. The machine's id is not for
 * others to know, so a hash goes into the file.
 *
 * @see https://man7.org/linux/man-pages/man5/machine-id.5.html
 */
function machine(readers: ProcessReaders): string {
  const id = attempt(() => readers.readText('/etc/machine-id').trim())
  if (!id) return ''
  return `/${createHash('sha256').update(`@conductor/process-identity ${id}`).digest('hex').slice(0, 16)}`
}
