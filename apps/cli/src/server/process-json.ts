/** What the server tells of a process, as far as the command line looks at it. Times are ISO 8601, UTC. */
export interface ProcessJson {
  readonly name: string
  readonly phase: string
  readonly ready: boolean
  readonly pid?: number
  readonly spec: { readonly name: string; readonly groups?: readonly string[] }
  readonly restarts: number
  readonly lastError?: string
  readonly startedAt?: string
  readonly nextTryAt?: string
  readonly usage?: { readonly rssBytes: number; readonly cpuPercent?: number }
}

export interface DeathJson {
  readonly at: string
  readonly text: string
  readonly by?: string
  readonly decision: string
  readonly lastLines: readonly string[]
  readonly survivors?: readonly string[]
}

export interface WhyJson {
  readonly name: string
  readonly phase: string
  readonly text: readonly string[]
  readonly blockedBy: readonly string[]
  readonly nextTryAt?: string
  readonly lastDeath?: DeathJson
  readonly nextDelays: readonly { readonly minMs: number; readonly maxMs: number }[]
}

/** Whether one of `names` means it: its own, that of all its replicas, or one of its groups. */
export function isNamed({ name, spec }: ProcessJson, names: readonly string[]): boolean {
  return [name, spec.name, ...(spec.groups ?? [])].some((each) => names.includes(each))
}
