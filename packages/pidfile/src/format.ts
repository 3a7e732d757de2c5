import type { ProcessIdentity } from '@conductor/process-identity'
import {
  type Backend,
  type Holder,
  holderFrom,
  isObject,
  isPid,
  type PidfileData,
} from './holder.ts'

/** What a file is, by its text alone. */
export type Content =
  /** It names a holder. */
  | { readonly kind: 'named'; readonly holder: Holder }
  /** The beginning of one of ours, or nothing: what a power cut leaves, or somebody is writing just now. */
  | { readonly kind: 'torn' }
  /** Something else, which is never overwritten. */
  | { readonly kind: 'foreign' }

/** How a claim is written down: the only difference between a pid file and a run-file. */
export interface Format {
  /** Names the file in errors. */
  readonly what: string
  read(text: string): Content
  write(identity: ProcessIdentity, lock: Backend | undefined, data: PidfileData | undefined): string
}

/**
 * The bare pid on the first line, so that systemd's `PIDFile=` and `kill $(head -1 file)` work, and JSON
 * on the second: the identity, the lock, and `data`.
 */
export const pidFormat: Format = {
  what: 'pid file',
  read(text) {
    const [first = '', second = ''] = withoutZeros(text).split('\n')
    if (first.trim() === '' && second.trim() === '') return { kind: 'torn' }
    const pid = /^\s*\d{1,10}\s*$/.test(first) ? Number(first) : undefined
    if (!isPid(pid)) return { kind: 'foreign' }
    if (second.trim() === '') return { kind: 'named', holder: { pid } }
    const value = parseJson(second)
    if (isObject(value)) return { kind: 'named', holder: holderFrom(pid, value) }
    return { kind: isBeginning(second) ? 'torn' : 'foreign' }
  },
  write({ pid, ...identity }, lock, data) {
    return `${pid}\n${JSON.stringify({ pid, ...identity, lock, data })}\n`
  },
}

/** One JSON object, with `data` among its keys, as other programs read it. */
export const runFormat: Format = {
  what: 'run-file',
  read(text) {
    const whole = withoutZeros(text)
    if (whole.trim() === '') return { kind: 'torn' }
    const value = parseJson(whole)
    if (!isObject(value)) return { kind: isBeginning(whole) ? 'torn' : 'foreign' }
    const { pid, identity, lock, ...data } = value
    if (!isPid(pid)) return { kind: 'foreign' }
    return { kind: 'named', holder: holderFrom(pid, { identity, lock, data }) }
  },
  write(identity, lock, data) {
    const { pid } = identity
    const ours = { pid, identity, lock }
    return `${JSON.stringify({ ...{ pid }, ...data, ...ours }, null, 2)}\n`
  },
}

/** Zeros are what some file systems leave of a file that was not yet on the disk. */
function withoutZeros(text: string): string {
  return text.replaceAll('\0', '')
}

/** All our JSON begins with the pid. */
function isBeginning(text: string): boolean {
  const packed = text.replaceAll(/\s/g, '')
  return packed.startsWith('{"pid":') || '{"pid":'.startsWith(packed)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
