/**
 * How one agent is launched and resumed: plain data, as it stands in a JSON file.
 *
 * Command lines are lists of arguments, never lines for a shell. In them may stand `{args}` (alone, for the
 * list of that name), `{sessionId}`, `{cwd}` and `{home}`. There is no placeholder for variables of the
 * environment in them, because every user of the machine can read arguments.
 */
export interface AgentSpec {
  /** What sessions remember it by: lower-case letters, digits and dashes. */
  readonly id: string
  /** For people. */
  readonly name: string
  /**
   * The first that is found in `PATH` is run; an absolute path is taken as it is. `{home}` and `{env:NAME}`
   * may stand in them, and one whose variable is not set is left out.
   */
  readonly commands: readonly string[]
  /** What every start gets, as `["--model", "opus"]`; stands where `{args}` is (default: nothing). */
  readonly args?: readonly string[]
  /** Arguments of a new session (default: `["{args}"]`). */
  readonly launch?: readonly string[]
  /** Arguments that continue `{sessionId}` (default: it cannot). */
  readonly resume?: readonly string[]
  /** The ways it takes a first prompt, the best first (default: it takes none). */
  readonly prompt?: readonly PromptDelivery[]
  readonly session: SessionIds
  /** Where it writes down what was said (default: nobody knows, and no resume is promised). */
  readonly transcript?: TranscriptSpec
  readonly env?: AgentEnv
  /** A text in its output that says it reads what is typed. */
  readonly ready?: Readiness
  /** A text in its output when it knows no session of that id. */
  readonly resumeRefused?: string
}

/**
 * `after-start`: typed once it is ready. `stdin`: its input is the prompt, and then ends. `file`: the caller
 * writes a file, and `args`, with `{promptFile}`, name it. `argument`: in `args`, as `{prompt}`, for every
 * user of the machine to read; taken only where there is no other way, or if the caller asks for it.
 */
export type PromptDelivery =
  | { readonly kind: 'after-start'; readonly paste: 'bracketed' | 'plain' }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'file'; readonly args: readonly string[] }
  | { readonly kind: 'argument'; readonly args: readonly string[] }

/** `pinned`: we choose a UUID, and `launch` has it. `reported`: it is learned later, by a hook or `listSessions`. */
export interface SessionIds {
  readonly kind: 'pinned' | 'reported' | 'none'
}

export interface TranscriptSpec {
  /** Folders with `{home}`, `{cwd}` or `{env:NAME}`; the first whose variables are all set counts. */
  readonly roots: readonly string[]
  /**
   * Below the root, with `/`. `*` is any part of one name. `{sessionId:8}` is the id's first 8 characters;
   * `{cwd:dashed}` is the real path with a dash for all but ASCII letters and digits.
   */
  readonly path: string
  /** A text that is in it once there is something to resume (default: that it exists is enough). */
  readonly contains?: string
  /** A text that is in those of one folder, with `{cwd:json}`; for `listSessions` (default: the path says it). */
  readonly ofFolder?: string
}

export interface AgentEnv {
  readonly set?: Readonly<Record<string, string>>
  readonly unset?: readonly string[]
}

export interface Readiness {
  /** Looked for as it stands, control characters included. */
  readonly output: string
  /** After that long, in milliseconds, it is taken to be ready. */
  readonly timeoutMs: number
}

/** An agent of a config: a whole one, or an `extends` and what is different. A known id replaces that agent. */
export type AgentConfig = { readonly id: string } & (
  | AgentSpec
  | (Partial<AgentSpec> & { readonly extends: string })
)
