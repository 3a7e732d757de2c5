import { type Clock, systemClock } from '@conductor/machine'
import { cached } from './cached.ts'
import { HealthError } from './health-error.ts'
import { type CheckReport, type HealthKind, type HealthReport, worstOf } from './health-report.ts'
import { checkMs } from './options.ts'
import { createProbe, type Probe } from './probe.ts'
import type { FunctionProbe, ProbeResult, ProbeSpec } from './probe-spec.ts'
import type { ProbeWatch } from './prober.ts'

/** What every check has. */
interface CheckBase {
  /** Letters, digits, `.`, `_` and `-`; it is seen in lines, labels and addresses. */
  readonly name: string
  /** Which questions it is part of (default: only `ready`). */
  readonly kinds?: readonly HealthKind[]
  /** Whether the whole fails with it (default: yes). If not, it can at most make the whole a `warn`. */
  readonly critical?: boolean
  /**
   * Whether it depends on something outside this program that a restart would not mend (default: yes
   * for http and tcp probes of other machines, else no). Such a check cannot be part of `live`: a
   * database that is down would have every program restarted that uses it.
   */
  readonly external?: boolean
}

/** A check that looks when somebody asks. */
interface AskedCheck extends CheckBase {
  /** What has not answered by then has failed, in milliseconds (default: 5,000). */
  readonly timeoutMs?: number
  /** Who asks again within this time gets the same result, in milliseconds (default: 1,000). */
  readonly cacheMs?: number
}

/** What to ask about, in one of three ways. */
export type HealthCheck =
  | (AskedCheck & { readonly probe: ProbeSpec })
  /** As a `function` probe: it returns, or resolves, in time; what it throws is the message. */
  | (AskedCheck & { readonly run: FunctionProbe['run'] })
  /** Something that looks by itself; its thresholds decide, and its owner closes it. */
  | (CheckBase & { readonly watch: Pick<ProbeWatch, 'state' | 'last'> })

export interface HealthOptions {
  readonly clock?: Clock
}

export interface CheckOptions {
  /** Names of checks that are not to be asked. */
  readonly exclude?: Iterable<string>
}

/** The checks of a program. */
export interface Health {
  /** @throws HealthError `BAD_OPTION`, `DUPLICATE_CHECK`. */
  add(check: HealthCheck): void
  /** Whether there was one of that name. */
  remove(name: string): boolean
  /**
   * Asks all checks of a kind, side by side. It answers after the longest `timeoutMs` at the latest,
   * and never rejects. Checks that are being asked already are shared.
   */
  check(kind: HealthKind, options?: CheckOptions): Promise<HealthReport>
  /** Removes all checks, and frees what they hold. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Entry {
  readonly kinds: readonly HealthKind[]
  readonly report: () => Promise<CheckReport>
  readonly close: () => void
}

const KINDS: readonly string[] = ['startup', 'live', 'ready'] satisfies readonly HealthKind[]

/** What a `/livez` answers with: the checks of this program, to be asked for each of three questions. */
export function createHealth({ clock = systemClock }: HealthOptions = {}): Health {
  const entries = new Map<string, Entry>()

  function remove(name: string): boolean {
    entries.get(name)?.close()
    return entries.delete(name)
  }

  async function close(): Promise<void> {
    for (const name of [...entries.keys()]) remove(name)
  }

  return {
    add(check) {
      checkCheck(check)
      if (entries.has(check.name))
        throw new HealthError('DUPLICATE_CHECK', `${check.name} is there already: use another name`)
      entries.set(check.name, 'watch' in check ? watched(check) : asked(check, clock))
    },
    remove,
    async check(kind, { exclude = [] } = {}) {
      const named = new Set(exclude)
      const ofKind = [...entries].filter(([, { kinds }]) => kinds.includes(kind))
      const checks = await Promise.all(
        ofKind.filter(([name]) => !named.has(name)).map(([, entry]) => entry.report()),
      )
      const status = worstOf(checks)
      return {
        kind,
        status,
        healthy: status === 'pass' || status === 'warn',
        reportedAt: new Date(clock.date()).toISOString(),
        checks,
        excluded: ofKind.map(([name]) => name).filter((name) => named.has(name)),
        unmatched: [...named].filter((name) => !ofKind.some(([each]) => each === name)),
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function asked(check: Exclude<HealthCheck, { watch: unknown }>, clock: Clock): Entry {
  const { name, kinds = ['ready'], critical = true, timeoutMs = 5_000, cacheMs = 1_000 } = check
  checkMs('timeoutMs', timeoutMs)
  const probe = createProbe('probe' in check ? check.probe : { kind: 'function', run: check.run })
  let checkedAt = ''
  const dated: Probe = Object.assign(
    async (...options: Parameters<Probe>) => {
      const result = await probe(...options)
      checkedAt = new Date(clock.date()).toISOString()
      return result
    },
    { close: () => probe.close() },
  )
  const ask = cached(dated, cacheMs, clock)
  return {
    kinds,
    report: async () => {
      const result = await ask({ timeoutMs })
      return { name, critical, ...result, checkedAt }
    },
    close: () => ask.close(),
  }
}

function watched(check: Extract<HealthCheck, { watch: unknown }>): Entry {
  const { name, kinds = ['ready'], critical = true, watch } = check
  return {
    kinds,
    report: async () => ({ name, critical, ...believed(watch) }),
    close: () => {},
  }
}

/** What the thresholds say; a single bad look among good ones is not news, nor the other way round. */
function believed({ state, last }: Pick<ProbeWatch, 'state' | 'last'>): ProbeResult {
  const { durationMs = 0, message = 'was not looked at yet', status = 'unknown' } = last ?? {}
  if (state === 'healthy')
    return { status: status === 'warn' ? 'warn' : 'pass', message: '', durationMs }
  return { status: state === 'unhealthy' ? 'fail' : 'unknown', message, durationMs }
}

function checkCheck(check: HealthCheck): void {
  const { name, kinds = ['ready'] } = check
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
    bad(`name is "${name}": begin with a letter or digit, and use letters, digits, ., _ and -`)
  if (kinds.length === 0) bad(`${name} has no kinds: pass one of ${KINDS.join(', ')}, or more`)
  for (const kind of kinds)
    if (!KINDS.includes(kind)) bad(`${name} has the kind ${kind}: pass ${KINDS.join(', ')}`)
  if (['probe', 'run', 'watch'].filter((key) => key in check).length !== 1)
    bad(`${name}: pass one of probe, run and watch`)
  const external = check.external ?? ('probe' in check && isElsewhere(check.probe))
  if (external && kinds.includes('live'))
    bad(
      `${name} depends on something outside this program, where no restart helps: make it "ready", ` +
        'or set external to false if a restart does help',
    )
}

/** Whether a probe goes to another machine. */
function isElsewhere(probe: ProbeSpec): boolean {
  if (probe.kind === 'tcp') return !isLoopback(probe.host ?? '127.0.0.1')
  if (probe.kind !== 'http' || probe.socketPath !== undefined) return false
  return URL.canParse(probe.url) && !isLoopback(new URL(probe.url).hostname)
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost|.+\.localhost)$/i.test(host)
}

function bad(text: string): never {
  throw new HealthError('BAD_OPTION', text)
}
