import { constants } from 'node:os'
import type {
  CheckSpec,
  ExecProbe,
  FunctionProbe,
  HeartbeatProbe,
  HttpProbe,
  LoopLagProbe,
  ProbeSpec,
  TcpProbe,
  UnixProbe,
} from '@conductor/health'
import { MAX_DELAY_MS, type PresetName, presets } from '@conductor/restart-policy'
import type {
  DependencyCondition,
  GroupSpec,
  LimitSpec,
  LogSpec,
  ProcessSpec,
  Readiness,
  StopSpec,
  Strategy,
} from './process-spec.ts'
import { restartOptions } from './restart-shape.ts'
import {
  boolean,
  duration,
  either,
  kinds,
  list,
  number,
  object,
  oneOf,
  record,
  type Shape,
  size,
  text,
} from './shape.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const NAME_RULE = '1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit'

/** Names folders, so no path separator can be in it; replicas add `@1`, so no `@` either. */
export const processName: Shape<string> = text(
  NAME_RULE,
  (name) => (NAME.test(name) ? undefined : `write ${NAME_RULE}`),
  { pattern: NAME.source },
)

/** `=` ends the name of a variable for the kernel. */
const variable = text('the name of a variable', (name) =>
  name === '' || name.includes('=') ? 'write a name without "="' : undefined,
)
const filled = text('a text', (value) => (value === '' ? 'write at least a letter' : undefined), {
  minLength: 1,
})
const env = record(text(), variable)
const args = list(text())
const count = number('times', { min: 1, max: 1_000_000 })
const bytes = size(1, Number.MAX_SAFE_INTEGER)
const anyTime = duration(0, MAX_DELAY_MS)
const someTime = duration(1, MAX_DELAY_MS)

const url = text('a URL', (value) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? undefined
    : 'write a URL that begins with http:// or https://',
)

const pattern = text('a regular expression', (value) => {
  try {
    new RegExp(value)
    return undefined
  } catch (error) {
    return `write a regular expression (${(error as Error).message})` // a SyntaxError, always
  }
})

const status = number('as HTTP status', { min: 100, max: 599 })
const port = number('as port', { min: 1, max: 65_535 })
const talk = { send: text(), expect: text() }

/** What `kind` tells is checked beside the fields. */
type Rest<P> = Omit<P, 'kind'>

const fileProbes = {
  http: object<Rest<HttpProbe>>(
    { url },
    {
      method: filled,
      headers: record(text()),
      status: object<{ readonly min: number; readonly max: number }>(
        { min: status, max: status },
        {},
      ),
      expect: text(),
      socketPath: filled,
    },
  ),
  tcp: object<Rest<TcpProbe>>({ port }, { host: filled, ...talk }),
  unix: object<Rest<UnixProbe>>({ path: filled }, talk),
  exec: object<Rest<ExecProbe>>({ command: filled }, { args, cwd: filled, env }),
  heartbeat: object<Rest<HeartbeatProbe>>({ path: filled }, { maxAgeMs: someTime }),
  'loop-lag': object<Rest<LoopLagProbe>>({}, { maxMs: someTime }),
}

const run: Shape<FunctionProbe['run']> = {
  schema: {},
  read(value, { path, report }) {
    // What it takes and returns cannot be seen from outside.
    if (typeof value === 'function') return value as FunctionProbe['run']
    report({ path, text: 'is no function: pass one' })
    return undefined
  },
}

/** A function cannot stand in a file. */
type FileProbe = Exclude<ProbeSpec, FunctionProbe>
const probes = {
  file: kinds<FileProbe>(fileProbes),
  code: kinds<ProbeSpec>({ ...fileProbes, function: object<Rest<FunctionProbe>>({ run }, {}) }),
}

const timing = {
  initialDelayMs: anyTime,
  // Without a pause a check would be a loop.
  periodMs: someTime,
  timeoutMs: someTime,
  successThreshold: count,
  failureThreshold: count,
}

// Of libuv's list only what this system knows.
const signals = Object.keys(constants.signals) as NodeJS.Signals[]
const conditions: readonly DependencyCondition[] = [
  'started',
  'ready',
  'completed',
  'completed-successfully',
]
const strategies: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one']

export const groupShape: Shape<GroupSpec> = object<GroupSpec>({}, { strategy: oneOf(strategies) })

function fields(probe: Shape<ProbeSpec>) {
  const check = object<CheckSpec>({ probe }, timing)
  return {
    args,
    cwd: filled,
    env,
    socketPath: filled,
    ready: kinds<Readiness>({
      socket: object<object>({}, {}),
      check: object<{ readonly check: CheckSpec }>({ check }, {}),
      fd: object<object>({}, {}),
      log: object<{ readonly pattern: string }>({ pattern }, {}),
      delay: object<{ readonly delayMs: number }>({ delayMs: anyTime }, {}),
    }),
    startupTimeoutMs: someTime,
    liveness: check,
    readiness: check,
    stop: object<StopSpec>({}, { signal: oneOf(signals), graceMs: anyTime }),
    restart: either(
      (value) => typeof value === 'string',
      // `presets` has exactly these keys.
      oneOf(Object.keys(presets) as PresetName[]),
      restartOptions,
    ),
    dependsOn: record(oneOf(conditions), processName),
    groups: list(processName),
    replicas: number('copies', { min: 1, max: 1_000 }),
    minReady: number('copies', { min: 0, max: 999 }),
    logs: object<LogSpec>({}, { maxBytes: bytes, files: number('files', { min: 0, max: 1_000 }) }),
    limits: object<LimitSpec>(
      {},
      {
        memoryBytes: bytes,
        cpuPercent: number('percent of one core', { min: 1, max: 100_000, whole: false }),
      },
    ),
    outlive: boolean(),
  }
}

/** A spec as a program passes it. */
export const specShape: Shape<ProcessSpec> = object<ProcessSpec>(
  { name: processName, command: filled },
  fields(probes.code),
)

/** A process in a file: its name is the key that it stands under. */
export type FileSpec = Omit<ProcessSpec, 'name'>

export const fileSpecShape: Shape<FileSpec> = object<FileSpec>(
  { command: filled },
  fields(probes.file),
)

/** `defaults` of a file: what every process has that does not say otherwise. */
export type FileDefaults = Omit<FileSpec, 'command'>

export const fileDefaultsShape: Shape<FileDefaults> = object<FileDefaults>({}, fields(probes.file))
