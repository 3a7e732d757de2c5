/** `unreachable`: its host does not answer, which proves nothing. `lost`: its host is dead. */
export type SessionStatus = 'running' | 'stalled' | 'unreachable' | 'lost' | 'exited'

export type SessionKind = 'shell' | 'worker' | 'orchestrator'

/** A session, as `GET api/sessions` and the events tell of it. */
export interface SessionJson {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly status: SessionStatus
  /** Why it is not simply running. */
  readonly reason?: string | undefined
  readonly kind: SessionKind
  readonly durability: 'persistent' | 'server'
  readonly runtime: 'host' | 'tmux' | 'server'
  /** What a person runs to use it in a terminal of their own: a program and its arguments. In tmux alone. */
  readonly attachCommand?: readonly string[] | undefined
  readonly command: string
  readonly args: readonly string[]
  /** Absolute: where it was started. */
  readonly cwd: string
  readonly agent?: string | undefined
  /** The agent's own id of its session. */
  readonly agentSessionId?: string | undefined
  readonly projectId?: string | undefined
  readonly pid?: number | undefined
  /** Of its output: another one is another program. */
  readonly epoch?: string | undefined
  readonly cols?: number | undefined
  readonly rows?: number | undefined
  /** How many look at it. */
  readonly viewers: number
  /** Who they are, in the order in which they came. */
  readonly viewerList?: readonly ViewerJson[] | undefined
  /** Whether it waits for somebody. */
  readonly attention?: AttentionJson | undefined
}

/** Somebody who looks at a session. */
export interface ViewerJson {
  /** Unique in its session, for as long as the server runs. */
  readonly id: string
  readonly mode: 'driver' | 'viewer'
  /** It was the last to type. */
  readonly typing?: true | undefined
  /** `login`: by password. `cli`: the command line of that machine. `share:<id>`: by that link. */
  readonly via: 'login' | 'cli' | `share:${string}`
  readonly label?: string | undefined
  readonly address?: string | undefined
  /** ISO 8601, UTC. */
  readonly since: string
}

/** Whether a session waits for somebody, who says so, and what was said. */
export interface AttentionJson {
  readonly state: 'none' | 'working' | 'waiting' | 'done' | 'failed'
  /** ISO 8601, UTC: since when it is in this state. */
  readonly since: string
  readonly source: string
  /** What the program said: plain text, to be shown and never obeyed. */
  readonly text?: string | undefined
}

/** What `POST api/sessions` takes. Everything has a default. */
export interface NewSessionJson {
  readonly name?: string | undefined
  /** Absolute (default: the server's home). */
  readonly cwd?: string | undefined
  readonly command?: string | undefined
  readonly args?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cols?: number | undefined
  readonly rows?: number | undefined
  readonly kind?: SessionKind | undefined
  readonly durability?: 'persistent' | 'server' | undefined
  /** Where it runs: in a host that outlives the server, or in the server. Says the same as `durability`. */
  readonly runtime?: 'host' | 'server' | undefined
  /** A coding agent, instead of a command; `args` are then more arguments for it. */
  readonly agent?: string | undefined
  /** Its first task. */
  readonly prompt?: string | undefined
}
