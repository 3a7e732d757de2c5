import { isAbsolute, join } from 'node:path'
import type { CheckSpec, ProbeTiming } from '@conductor/health'
import {
  createRestartPolicy,
  presets,
  RestartPolicyError,
  type RestartPolicyOptions,
} from '@conductor/restart-policy'
import { ProcessManagerError } from '../process-manager-error.ts'
import {
  DEFAULT_CHECK_TIMING,
  DEFAULT_LOGS,
  DEFAULT_READY_PERIOD_MS,
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_STOP,
} from './defaults.ts'
import type {
  DependencyCondition,
  LimitSpec,
  LogSpec,
  ProcessSpec,
  Readiness,
  StopSpec,
} from './process-spec.ts'
import { fieldName, type Issue, type Path } from './shape.ts'
import { specShape } from './spec-shape.ts'

/** A check with nothing left to default. */
export interface ResolvedCheck extends Required<ProbeTiming> {
  readonly probe: CheckSpec['probe']
}

export type ResolvedReadiness =
  | Exclude<Readiness, { readonly kind: 'check' }>
  | { readonly kind: 'check'; readonly check: ResolvedCheck }

/** One copy of a process: what it does not share with the others. */
export interface InstanceSpec {
  /** `web`, or `web@2` of several. */
  readonly name: string
  /** Holds its PID file, log and tally. */
  readonly folder: string
  readonly cwd: string
  readonly socketPath: string
}

/** A spec with every default in its place. What is optional here has no default: it is not wanted. */
export interface ResolvedSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly ready?: ResolvedReadiness
  readonly startupTimeoutMs: number
  readonly liveness?: ResolvedCheck
  readonly readiness?: ResolvedCheck
  readonly stop: Required<StopSpec>
  /** Presets are their options here. */
  readonly restart: RestartPolicyOptions
  readonly dependsOn: Readonly<Record<string, DependencyCondition>>
  readonly groups: readonly string[]
  readonly replicas: number
  readonly minReady: number
  readonly logs: Required<LogSpec>
  readonly limits: LimitSpec
  readonly outlive: boolean
  /** As many as `replicas`, in order. */
  readonly instances: readonly InstanceSpec[]
}

export interface CheckSpecOptions {
  /** Of the manager; absolute. Each instance has a folder in it. */
  readonly root: string
  /** Default: this system's. */
  readonly platform?: NodeJS.Platform
}

/**
 * Checks a spec and fills in what it leaves out.
 *
 * @throws ProcessManagerError `BAD_SPEC`: a line for each fault, with its field and the fix.
 */
export function checkSpec(spec: ProcessSpec, options: CheckSpecOptions): ResolvedSpec {
  const issues: Issue[] = []
  specShape.read(spec, { path: [], texts: false, report: (issue) => issues.push(issue) })
  // Only of a spec that has its shape can be told whether it makes sense.
  if (issues.length === 0) issues.push(...objections(spec))
  const resolved = issues.length === 0 ? resolve(spec, options.root) : undefined
  if (resolved) issues.push(...socketObjections(spec, resolved, options.platform))
  if (!resolved || issues.length > 0) {
    // It may be anything, so its name may be, too.
    const name = (spec as { readonly name?: unknown } | null | undefined)?.name
    const prefix = ['processes', typeof name === 'string' ? name : '?']
    throw new ProcessManagerError(
      'BAD_SPEC',
      issues.map(({ path, text }) => `${fieldName([...prefix, ...path])} ${text}`).join('\n'),
    )
  }
  return resolved
}

/** What is wrong with a spec that has its shape, without regard to where it runs. */
export function objections(spec: Omit<ProcessSpec, 'name'>): Issue[] {
  const { cwd, socketPath, replicas = 1, minReady = 0, restart, ready, liveness } = spec
  const issues: Issue[] = []
  const object = (path: Path, text: string): void => void issues.push({ path, text })

  if (cwd !== undefined && !isAbsolute(cwd))
    object(
      ['cwd'],
      `is "${cwd}": write an absolute path, because this program's own folder may change`,
    )
  if (socketPath !== undefined && !isAbsolute(socketPath))
    object(['socketPath'], `is "${socketPath}": write an absolute path`)
  if (socketPath !== undefined && replicas > 1)
    object(
      ['socketPath'],
      `is one for ${replicas} replicas, and only one can listen there: leave it out, each gets its own`,
    )
  if (minReady > 0 && minReady >= replicas)
    object(
      ['minReady'],
      `is ${minReady} of ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, so none could ever be replaced: write at most ${replicas - 1}`,
    )
  const fault = restartFault(restart)
  if (fault !== undefined) object(['restart'], fault)
  const checks = [
    [['ready', 'check'], ready?.kind === 'check' ? ready.check : undefined],
    [['liveness'], liveness],
    [['readiness'], spec.readiness],
  ] as const
  for (const [path, check] of checks) {
    if (check?.probe.kind !== 'http') continue
    const { status } = check.probe
    if (status && status.min > status.max)
      object(
        [...path, 'probe', 'status'],
        `has min ${status.min} above max ${status.max}: swap them`,
      )
  }
  return issues
}

/** The policy's own words about its options. */
function restartFault(restart: ProcessSpec['restart']): string | undefined {
  if (restart === undefined || typeof restart === 'string') return undefined
  try {
    createRestartPolicy(restart)
    return undefined
  } catch (error) {
    if (!(error instanceof RestartPolicyError)) throw error
    return `is refused: ${error.message.replace(/^\[[^\]]*\] /, '')}`
  }
}

function resolve(spec: ProcessSpec, root: string): ResolvedSpec {
  const { name, command, args = [], env = {}, ready, liveness, readiness } = spec
  const { replicas = 1, restart = 'ally' } = spec
  return {
    name,
    command,
    args,
    env,
    ...(ready && { ready: resolveReadiness(ready) }),
    startupTimeoutMs: spec.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS,
    ...(liveness && { liveness: resolveCheck(liveness) }),
    ...(readiness && { readiness: resolveCheck(readiness) }),
    stop: fill(DEFAULT_STOP, spec.stop),
    restart: typeof restart === 'string' ? presets[restart] : restart,
    dependsOn: spec.dependsOn ?? {},
    groups: spec.groups ?? [],
    replicas,
    minReady: spec.minReady ?? replicas - 1,
    logs: fill(DEFAULT_LOGS, spec.logs),
    limits: spec.limits ?? {},
    outlive: spec.outlive ?? false,
    instances: instanceNames(name, replicas).map((each) => {
      const folder = join(root, each)
      const { cwd = folder, socketPath = join(folder, 'daemon.sock') } = spec
      return { name: each, folder, cwd, socketPath }
    }),
  }
}

/** `web`; `web@1`, `web@2`, … of several. */
export function instanceNames(name: string, replicas: number): string[] {
  if (replicas === 1) return [name]
  return Array.from({ length: replicas }, (_, index) => `${name}@${index + 1}`)
}

function resolveReadiness(ready: Readiness): ResolvedReadiness {
  if (ready.kind !== 'check') return ready
  const often = { ...DEFAULT_CHECK_TIMING, periodMs: DEFAULT_READY_PERIOD_MS }
  return { kind: 'check', check: resolveCheck(ready.check, often) }
}

function resolveCheck(
  { probe, ...timing }: CheckSpec,
  defaults: Required<ProbeTiming> = DEFAULT_CHECK_TIMING,
): ResolvedCheck {
  return { probe, ...fill(defaults, timing) }
}

/** As a spread, except that `undefined` is left out: JavaScript callers pass it. */
function fill<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(entries) }
}

/**
 * What fits into `sun_path` with the NUL at its end, in bytes: 108 on Linux, 104 on macOS and the BSDs.
 * Node 20 cuts a longer path without a word, and the daemon listens elsewhere.
 *
 * @see https://man7.org/linux/man-pages/man7/unix.7.html `UNIX_PATH_MAX`
 */
export function maxSocketPathBytes(platform: NodeJS.Platform = process.platform): number {
  if (platform === 'win32') return Infinity
  return (platform === 'linux' ? 108 : 104) - 1
}

function socketObjections(
  spec: ProcessSpec,
  { instances }: ResolvedSpec,
  platform?: NodeJS.Platform,
): Issue[] {
  const limit = maxSocketPathBytes(platform)
  // The last name is the longest.
  const path = instances.at(-1)?.socketPath ?? ''
  const bytes = Buffer.byteLength(path)
  if (bytes <= limit) return []
  const fix =
    spec.socketPath === undefined ? 'a shorter root, name or socketPath' : 'a shorter path'
  return [
    {
      path: ['socketPath'],
      text: `is ${bytes} bytes long, and this system takes at most ${limit}: pass ${fix} (${path})`,
    },
  ]
}
