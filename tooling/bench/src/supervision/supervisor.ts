/** One daemon that is to be managed. */
export interface Daemon {
  /** Short: it is part of a socket's path. */
  readonly name: string
  readonly command: readonly string[]
  /** Whether it comes back when it has ended, at once and for ever. */
  readonly comesBack: boolean
  /** Looked after by a liveness check, where the supervisor has one, with its defaults. */
  readonly isChecked: boolean
}

/** When a supervisor itself said that a daemon runs. */
export interface Said {
  readonly pid: number
  /** CLOCK_MONOTONIC. */
  readonly ns: number
}

/** A supervisor at work, in a process and a folder of its own. */
export interface Fleet {
  readonly managerPid: number
  /** Only ours tells. */
  readonly said: readonly Said[]
  /** Starts all daemons it was opened with; resolves when the supervisor says that they run. */
  up(): Promise<void>
  /** Stops them; resolves when the supervisor says so. */
  down(): Promise<void>
  /** Whether what a daemon has written, `bytes` of it, is where it belongs and takes no more room than it may. */
  isLogged(daemon: Daemon, bytes: number): boolean
  /** Ends it, and everything that it has started. */
  close(): Promise<void>
}

/** Something that keeps daemons running. */
export interface Supervisor {
  /** For ids: `conductor`, `bare`, `pm2`, `supervisord`. */
  readonly name: string
  /** For people. */
  readonly label: string
  /** It comes back only after a second: a few kills tell all there is. */
  readonly isSlow: boolean
  /** @param dir Its own, and empty. */
  open(dir: string, daemons: readonly Daemon[]): Promise<Fleet>
}
