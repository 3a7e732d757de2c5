import { validateHeaderName, validateHeaderValue } from 'node:http'
import process from 'node:process'
import { inspect } from 'node:util'
import { HealthError } from './health-error.ts'
import { checkMs } from './options.ts'
import type { CheckSpec, ProbeSpec } from './probe-spec.ts'
import { errorText } from './probes/look.ts'

type Check = (name: string, value: unknown) => void
/** The fields of a kind: those that must be there, and the others. */
interface Fields {
  readonly needed: Readonly<Record<string, Check>>
  readonly optional: Readonly<Record<string, Check>>
}

/**
 * The longest path of a unix socket with its closing NUL, in bytes.
 *
 * @see https://man7.org/linux/man-pages/man7/unix.7.html `sun_path`; macOS: sys/un.h
 */
const LONGEST_SOCKET_PATH = { linux: 108, darwin: 104 } as const

const text: Check = (name, value) => {
  if (typeof value !== 'string' || value === '') bad(name, value, 'pass a text that is not empty')
}

const word: Check = (name, value) => {
  text(name, value)
  if (String(value).includes('\0')) bad(name, value, 'leave out the NUL, which ends texts there')
}

const words: Check = (name, value) => {
  if (!Array.isArray(value)) return bad(name, value, 'pass a list of texts')
  value.forEach((each: unknown, index) => {
    // An argument may be empty.
    if (each !== '') word(`${name}[${index}]`, each)
  })
}

const pairs: Check = (name, value) => {
  for (const [key, each] of Object.entries(record(name, value))) {
    if (key === '' || /[=\0]/.test(key)) bad(`a name in ${name}`, key, 'pass one without = and NUL')
    if (each !== '') word(`${name}.${key}`, each)
  }
}

const headers: Check = (name, value) => {
  for (const [key, each] of Object.entries(record(name, value))) {
    if (typeof each !== 'string') bad(`${name}.${key}`, each, 'pass a text')
    try {
      validateHeaderName(key)
      validateHeaderValue(key, String(each))
    } catch (error) {
      bad(`${name}.${key}`, each, errorText(error))
    }
  }
}

const method: Check = (name, value) => {
  if (typeof value !== 'string' || !/^[A-Z]+$/.test(value))
    bad(name, value, 'pass a method in capitals, as GET')
}

const url: Check = (name, value) => {
  if (typeof value !== 'string' || !URL.canParse(value) || !/^https?:/i.test(value))
    bad(name, value, 'pass an http: or https: address')
}

const port: Check = (name, value) => whole(name, value, 1, 65_535)

const statuses: Check = (name, value) => {
  const { min, max } = record(name, value)
  whole(`${name}.min`, min, 100, 599)
  whole(`${name}.max`, max, Number(min), 599)
}

const ms: Check = (name, value) => checkMs(name, value as number)
const msOrNone: Check = (name, value) => checkMs(name, value as number, 0)
const count: Check = (name, value) => whole(name, value, 1, Number.MAX_SAFE_INTEGER)

const call: Check = (name, value) => {
  if (typeof value !== 'function') bad(name, value, 'pass a function')
}

/** @throws HealthError `BAD_OPTION` with the limit, where the system would cut the path or refuse it. */
function socketPath(name: string, value: unknown): void {
  text(name, value)
  const path = String(value)
  // An abstract socket of Linux begins with a NUL, and has none at its end.
  const abstract = process.platform === 'linux' && path.startsWith('\0')
  if (path.lastIndexOf('\0') > 0 || (path.startsWith('\0') && !abstract))
    bad(name, value, 'leave out the NUL')
  if (process.platform === 'win32') return
  const limit =
    process.platform === 'linux' ? LONGEST_SOCKET_PATH.linux : LONGEST_SOCKET_PATH.darwin
  const bytes = Buffer.byteLength(path) + (abstract ? 0 : 1)
  if (bytes > limit)
    bad(name, value, `pass a shorter path: it takes ${bytes} bytes with its NUL, at most ${limit}`)
}

const dialogue = { send: text, expect: text }

const kinds: Readonly<Record<ProbeSpec['kind'], Fields>> = {
  http: {
    needed: { url },
    optional: { method, headers, status: statuses, expect: text, socketPath },
  },
  tcp: { needed: { port }, optional: { host: word, ...dialogue } },
  unix: { needed: { path: socketPath }, optional: dialogue },
  exec: { needed: { command: word }, optional: { args: words, cwd: word, env: pairs } },
  heartbeat: { needed: { path: word }, optional: { maxAgeMs: ms } },
  function: { needed: { run: call }, optional: {} },
  'loop-lag': { needed: {}, optional: { maxMs: ms } },
}

const check: Fields = {
  needed: { probe: checkProbeSpec },
  optional: {
    initialDelayMs: msOrNone,
    periodMs: ms,
    timeoutMs: ms,
    successThreshold: count,
    failureThreshold: count,
  },
}

/**
 * Also for what came from a file, and is none of the shapes it should have.
 *
 * @throws HealthError `BAD_OPTION` for the first field that is wrong, missing or unknown: a misspelt
 *   `expect` would make a probe that passes too easily.
 */
export function checkProbeSpec(name: string, value: unknown): asserts value is ProbeSpec {
  const { kind, ...rest } = record(name, value)
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
    return bad(`${name}.kind`, kind, `pass ${Object.keys(kinds).join(', ')}`)
  // It is one of the keys: the line above has looked.
  checkFields(name, rest, kinds[kind as ProbeSpec['kind']])
}

/** @throws HealthError `BAD_OPTION`, as `checkProbeSpec`. */
export function checkCheckSpec(name: string, value: unknown): asserts value is CheckSpec {
  checkFields(name, record(name, value), check)
}

function checkFields(name: string, value: Record<string, unknown>, fields: Fields): void {
  const { needed, optional } = fields
  for (const [key, each] of Object.entries(needed)) each(`${name}.${key}`, value[key])
  for (const [key, each] of Object.entries(value)) {
    if (Object.hasOwn(needed, key)) continue
    if (!Object.hasOwn(optional, key)) {
      const known = Object.keys({ ...needed, ...optional }).join(', ')
      bad(`${name}.${key}`, each, known ? `these are known: ${known}` : 'leave it out')
    }
    if (each !== undefined) optional[key]?.(`${name}.${key}`, each)
  }
}

function record(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    bad(name, value, 'pass an object')
  // An object's fields, of whatever type.
  return value as Record<string, unknown>
}

function whole(name: string, value: unknown, from: number, to: number): void {
  if (!Number.isSafeInteger(value) || Number(value) < from || Number(value) > to)
    bad(name, value, `pass a whole number from ${from} to ${to}`)
}

function bad(name: string, value: unknown, fix: string): never {
  throw new HealthError('BAD_OPTION', `${name} is ${inspect(value, { depth: 0 })}: ${fix}`)
}
