import type { ProcessIdentity } from '@conductor/process-identity'
import type { QueryAnswerer } from '@conductor/protocol'
import type {
  OutputEvent,
  TerminalColors,
  TerminalQuery,
  TerminalSnapshot,
} from '@conductor/terminal-state'

/** What to run in a new pty, and how its history is kept. */
export interface SessionOptions {
  /** Opaque and never reused; names the session in errors and frames. */
  readonly id: string
  /** Absolute folder of the session's log. Made with mode 0700 where it is missing. */
  readonly logDir: string
  /** An absolute path, or a name that is looked up in `env.PATH`. */
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** Absolute; must be a folder (default: `/`). */
  readonly cwd?: string | undefined
  /** The whole environment of the program: nothing of this process is added but `TERM`. */
  readonly env: Readonly<Record<string, string>>
  /** Columns, 1 to 10,000 (default: 80). */
  readonly cols?: number | undefined
  /** Rows, 1 to 10,000 (default: 24). */
  readonly rows?: number | undefined
  /** Output kept on disk, in bytes; the oldest segments go first (default: 64 MiB, at least 64 KiB). */
  readonly historyBytes?: number | undefined
  /** When written output is forced to the disk; a process crash never needs it (default: `never`). */
  readonly fsync?: FsyncPolicy | undefined
}

/**
 * `never`: left to the kernel, so a power cut costs at most its write-back delay (about 30 s on
 * Linux); `interval`: at most every second; `always`: before any viewer is told.
 */
export type FsyncPolicy = 'never' | 'interval' | 'always'

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

export interface SessionExit {
  /** The program's exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined
  /** The signal's name, as in `SIGKILL`. */
  readonly signal: string | undefined
  /** The log's final length: whoever has read up to here has everything. */
  readonly offset: number
}

/** What became of a session. Only `exited` and `lost` are final. */
export type SessionState =
  | { readonly name: 'running' }
  /** Output cannot be written: the pty is not read, nothing is lost, the write is tried again. */
  | { readonly name: 'stalled'; readonly reason: string }
  /** The link to the host is down and the host is not proved dead: "cannot tell". */
  | { readonly name: 'unreachable'; readonly reason: string }
  | { readonly name: 'exited'; readonly exit: SessionExit }
  /** The host is proved dead and left no exit record. */
  | { readonly name: 'lost'; readonly reason: string }

export type SessionEvent =
  /** The log has grown: read on from your cursor. */
  | { readonly type: 'grew' }
  | { readonly type: 'resized'; readonly size: TerminalSize }
  | { readonly type: 'state'; readonly state: SessionState }
  /** What the program tells its terminal besides text: a bell, a title, a notification … At most some twenty a second. */
  | { readonly type: 'terminal'; readonly event: TerminalEvent }
  /** Something a person should know, e.g. `LINE_TOO_LONG`. */
  | { readonly type: 'notice'; readonly code: string; readonly text: string }

export interface SessionInput {
  /** Whose numbers `seq` counts: at most 64 characters, random per client. */
  readonly clientId: string
  /** 1, 2, 3 … without a hole. A number that was accepted before is not typed again. */
  readonly seq: number
  readonly bytes: Uint8Array
}

/** A block of output as it lies in the log. */
export interface LogBlock {
  readonly kind: 'bytes'
  /** The offset of the first byte. */
  readonly offset: number
  /** Shared between readers: never write to it, but for the room before `start`, which is this block's. */
  readonly buffer: Buffer
  /** Where the bytes begin in `buffer`; `OUTPUT_HEADROOM` bytes or more are free before. */
  readonly start: number
  /** Where they end. */
  readonly end: number
  /**
   * Says that the bytes will not be looked at again, once for each `read` that gave this block: its
   * buffer may then serve another one. Never calling it is safe, and costs a flood some CPU.
   */
  release(): void
}

export type LogRead =
  | LogBlock
  /** The cap has dropped `from` to `to`: go on at `to`. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  /** Nothing there yet. */
  | { readonly kind: 'end' }

/** A session's output by offset. Any number of readers; each keeps its own offset. */
export interface LogReader {
  /** Random per pty: offsets of another epoch mean other bytes. */
  readonly epoch: string
  /** The oldest offset that is still kept. */
  readonly start: number
  /** The offset behind the last byte that is known to be written. */
  readonly end: number
  /** The next block from `offset`, of at most 128 KiB. Blocks end at multiples of that, so that readers share them. */
  read(offset: number): LogRead
  close(): void
}

/** One session, in this process or in a host. */
export interface PtySession {
  readonly id: string
  readonly pid: number
  readonly identity: ProcessIdentity
  /** Who answers what the program asks its terminal. Exactly one may. */
  readonly answers: QueryAnswerer
  readonly log: LogReader
  readonly size: TerminalSize
  readonly state: SessionState
  /**
   * Types `bytes`, once for each number. Resolves when the pty has taken them.
   *
   * @throws PtySessionError `INPUT_GAP` when a number is left out (`error.expected` is the next one),
   * `ENDED` when the program is gone, `UNREACHABLE` when it cannot be told whether they arrived.
   */
  input(input: SessionInput): Promise<void>
  /** The number of the last accepted input of `clientId`; 0 when it never typed. */
  inputSeq(clientId: string): Promise<number>
  /** Bytes accepted here that the pty has not taken yet: pause whoever types above 1 MiB. */
  readonly inputBacklogBytes: number
  /**
   * The terminal as it is now, as bytes that bring a fresh one to the same state; output goes on at
   * its `offset`, which is not before the present end of the log.
   *
   * @param options.scrollbackLines Lines above the screen, at most (default: 1,000, which is the most).
   * @returns `undefined` when there is none: the host is of an older build or cannot be reached, or the session has ended.
   */
  snapshot(options?: {
    readonly scrollbackLines?: number | undefined
  }): Promise<TerminalSnapshot | undefined>
  /** What queries for colours are answered with, from now on, where the session answers them. */
  setColors(colors: TerminalColors): void
  /** Ignored after the exit. Sizes are clamped to 1 … 10,000. */
  resize(size: TerminalSize): void
  /** Signals the program's whole process group. */
  signal(signal: NodeJS.Signals): void
  /** Ends every process of the session: SIGHUP, SIGTERM after a third of `graceMs`, SIGKILL after all of it (default: 5,000). Resolves when none is left. */
  end(options?: { readonly graceMs?: number | undefined }): Promise<void>
  subscribe(listener: (event: SessionEvent) => void): () => void
  /** Lets go of the log and of the host. Ends nothing: see `end`. */
  close(): void
}

export type { QueryAnswerer } from '@conductor/protocol'
export type { TerminalColors, TerminalSnapshot } from '@conductor/terminal-state'

/** What a program tells its terminal besides text. */
export type TerminalEvent = Exclude<OutputEvent, TerminalQuery>

/** Who decides a terminal's size, as one viewer sees it. */
export type SizeOwner = 'you' | 'other' | 'none'

/** Where a viewer's output goes. Knows its transport and nothing of ptys. */
export interface ViewerSink {
  /** Takes one block. `false` stops the flow until `viewer.resume()`; the block itself is taken. */
  output(block: LogBlock): boolean
  gap(from: number, to: number): void
  size(size: TerminalSize, owner: SizeOwner): void
  state(state: SessionState): void
  notice(code: string, text: string): void
  /** The last call: every byte up to `exit.offset` was given to `output` before. */
  exit(exit: SessionExit): void
  /** Instead of `exit`, when the host is gone: what the log holds was given before. */
  lost(reason: string): void
}

export interface AttachOptions {
  readonly sink: ViewerSink
  /** The first offset wanted; offsets that the cap has dropped are reported as a gap. */
  readonly from: number
  /** The viewer's own size, when it may decide one. A viewer without never owns the size. */
  readonly size?: TerminalSize | undefined
}

/** A cursor on a session's log and a vote on its size. Holds no output. */
export interface Viewer {
  /** The offset of the next byte to be sent. */
  readonly offset: number
  /** The transport has drained. */
  resume(): void
  /** Sends again from `offset` on. */
  repeat(offset: number): void
  /** Goes on at `offset`: what lies between is not sent. */
  skip(offset: number): void
  /** This viewer's size changed; `claim` takes the size over from whoever owns it. */
  resize(size: TerminalSize, claim: boolean): void
  /** The viewer typed: the size follows it. */
  typed(): void
  close(): void
}

/** Everybody who looks at one session: each at their own place, one of them deciding the size. */
export interface Viewers {
  readonly count: number
  attach(options: AttachOptions): Viewer
  /** Forgets every viewer without a word to their sinks. */
  close(): void
}
