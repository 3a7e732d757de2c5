import type { Death, ProcessInfo, Why } from '@conductor/process-manager'

// What the world outside gets: the manager's own answers with every time as ISO 8601, UTC.

export interface ProcessJson
  extends Omit<
    ProcessInfo,
    'lastStateChange' | 'startedAt' | 'readyAt' | 'nextTryAt' | 'lastCheckAt'
  > {
  readonly lastStateChange: string
  readonly startedAt?: string | undefined
  readonly readyAt?: string | undefined
  readonly nextTryAt?: string | undefined
  readonly lastCheckAt?: string | undefined
}

export interface DeathJson extends Omit<Death, 'at' | 'startedAt'> {
  readonly at: string
  readonly startedAt?: string | undefined
}

export interface WhyJson extends Omit<Why, 'nextTryAt' | 'lastDeath'> {
  readonly nextTryAt?: string | undefined
  readonly lastDeath?: DeathJson | undefined
}

export function describeProcess(info: ProcessInfo): ProcessJson {
  const { lastStateChange, startedAt, readyAt, nextTryAt, lastCheckAt, ...rest } = info
  return {
    ...rest,
    lastStateChange: new Date(lastStateChange).toISOString(),
    startedAt: iso(startedAt),
    readyAt: iso(readyAt),
    nextTryAt: iso(nextTryAt),
    lastCheckAt: iso(lastCheckAt),
  }
}

export function describeDeath({ at, startedAt, ...rest }: Death): DeathJson {
  return { ...rest, at: new Date(at).toISOString(), startedAt: iso(startedAt) }
}

export function describeWhy({ nextTryAt, lastDeath, ...rest }: Why): WhyJson {
  return { ...rest, nextTryAt: iso(nextTryAt), lastDeath: lastDeath && describeDeath(lastDeath) }
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
