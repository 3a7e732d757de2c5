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

export interface WhyJson {
  readonly name: string
  readonly phase: string
  /** One sentence each, the most important first. */
  readonly text: readonly string[]
}

/** Whether one of `names` means it: its own, that of all its replicas, or one of its groups. */
export function isNamed({ name, spec }: ProcessJson, names: readonly string[]): boolean {
  return [name, spec.name, ...(spec.groups ?? [])].some((each) => names.includes(each))
}
