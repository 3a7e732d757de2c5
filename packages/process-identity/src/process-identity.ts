import { here } from './here.ts'
import { codeOf, look } from './look.ts'
import { type ProcessReaders, systemReaders } from './readers.ts'

/**
 * Which process, not merely which pid: the kernel uses pids again. Plain JSON, to be kept in a file.
 */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, to be compared and not read: clock ticks since the boot on Linux. */
  readonly startTime: string
  /** In which life of the machine; empty when the system does not tell. */
  readonly bootId: string
  /** Whose numbers `pid` belongs to, where the system has several (Linux containers). */
  readonly pidNamespace?: string | undefined
  /** The machine. It matters only when the boot is another one. */
  readonly host: string
}

/**
 * `dead` is proved: no such pid, or another process has it, or it is a zombie, or the machine has
 * booted since and nobody has its pid and start time. `unknown` is all that cannot be told from here, and is never to be taken for `dead`.
 */
export type ProcessState = 'alive' | 'dead' | 'unknown'

/** The kernel's limit is 2^22 on Linux; more than 31 bits is a pid nowhere. */
const LARGEST_PID = 2 ** 31 - 1

/**
 * Who has this pid now.
 *
 * @param pid Of this machine and pid namespace.
 * @returns `undefined` when there is no such process, or the system hides it. A zombie has an identity.
 */
export function identifyProcess(
  pid: number,
  readers: ProcessReaders = systemReaders,
): ProcessIdentity | undefined {
  if (!isPid(pid)) return undefined
  const sight = look(pid, readers)
  if (sight.kind !== 'seen') return undefined
  return identity(pid, sight.startTime, readers)
}

/**
 * Who we are.
 *
 * Where the system hides even that, the start time is empty and the state of this identity is
 * `unknown` for as long as somebody has the pid.
 */
export function identifySelf(readers: ProcessReaders = systemReaders): ProcessIdentity {
  return identifyProcess(readers.pid, readers) ?? identity(readers.pid, '', readers)
}

function identity(pid: number, startTime: string, readers: ProcessReaders): ProcessIdentity {
  const { bootId, pidNamespace, host } = here(readers)
  return { pid, startTime, bootId, ...(pidNamespace === undefined ? {} : { pidNamespace }), host }
}

/**
 * Whether that very process still runs.
 *
 * It costs one read of `/proc/PID/stat` on Linux (about 20 µs), and a run of `ps` on macOS.
 */
export function processState(
  identity: ProcessIdentity,
  readers: ProcessReaders = systemReaders,
): ProcessState {
  const { pid, startTime, bootId, pidNamespace, host } = identity
  const now = here(readers)
  const bootKnown = bootId !== '' && now.bootId !== ''
  if (!isPid(pid)) return 'unknown'
  if (bootKnown && bootId !== now.bootId) {
    if (host !== now.host) return 'unknown'
    return pidNamespace === now.pidNamespace && isThere(identity, readers) ? 'unknown' : 'dead'
  }
  if (!bootKnown && host !== now.host) return 'unknown'
  if (pidNamespace !== now.pidNamespace) return 'unknown'

  const sight = look(pid, readers)
  if (sight.kind === 'gone') return 'dead'
  if (sight.kind === 'hidden') return 'unknown'
  if (sight.zombie) return 'dead'
  if (startTime === '') return 'unknown'
  if (sight.startTime !== startTime) return 'dead'
  return bootKnown ? 'alive' : 'unknown'
}

/**
 * Whether somebody has this pid who started at this very tick. After another boot that is a chance in
 * millions; or there was none, and the boot's id is what differs: in systemd-nspawn a service with mounts
 * of its own sees the id of the machine outside.
 */
function isThere({ pid, startTime }: ProcessIdentity, readers: ProcessReaders): boolean {
  const sight = look(pid, readers)
  return sight.kind === 'seen' && !sight.zombie && sight.startTime === startTime
}

/**
 * Signals that very process, and nobody who may have its pid now.
 *
 * The identity is verified first. Plain Node has no pidfd, so a process that ends and whose pid is
 * given away within the microseconds in between would still be hit.
 *
 * @returns `gone` when it is proved dead; `refused` when that cannot be told, or it is not ours to
 * signal. Nothing was signalled then.
 * @throws TypeError for a signal that does not exist.
 */
export function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  readers: ProcessReaders = systemReaders,
): 'sent' | 'gone' | 'refused' {
  const state = processState(identity, readers)
  if (state !== 'alive') return state === 'dead' ? 'gone' : 'refused'
  try {
    readers.kill(identity.pid, signal)
    return 'sent'
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return 'gone'
    if (codeOf(error) === 'EPERM') return 'refused'
    throw error
  }
}

/** Whether parsed JSON is an identity. One that is says nothing about whether it is true. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startTime, bootId, pidNamespace, host } = value as Partial<
    Record<keyof ProcessIdentity, unknown>
  >
  return (
    typeof pid === 'number' &&
    isPid(pid) &&
    typeof startTime === 'string' &&
    typeof bootId === 'string' &&
    typeof host === 'string' &&
    (pidNamespace === undefined || typeof pidNamespace === 'string')
  )
}

/** `kill` takes 0 and below for whole groups: no identity may ever say so. */
function isPid(pid: number): boolean {
  return Number.isInteger(pid) && pid > 0 && pid <= LARGEST_PID
}
