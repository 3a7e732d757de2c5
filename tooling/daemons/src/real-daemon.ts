import type { ProcessSpec } from '@conductor/process-manager'

/** A daemon of Debian's, and how to talk to it. */
export interface RealDaemon {
  readonly name: string
  /** Why it cannot be had here. */
  readonly missing: string | undefined
  /** What it writes when it leaves as it should. */
  readonly farewell: RegExp
  /** @param folder Its own, empty. */
  prepare(folder: string): Promise<PreparedDaemon>
}

export interface PreparedDaemon {
  /** In the foreground, ready and alive by a round trip. */
  readonly spec: ProcessSpec
  /** One request, one answer. */
  ask(): Promise<string>
  /** Absent where there is nothing to keep. */
  readonly memory?: {
    /** Resolves when the daemon says that it is on disk. */
    keep(text: string): Promise<void>
    recall(): Promise<string>
  }
}

/** How often and how long the daemons are asked whether they live. Twice in a row counts, for a busy machine. */
export const LIVENESS = { periodMs: 200, timeoutMs: 2_000, failureThreshold: 2 } as const
