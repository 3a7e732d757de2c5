import type { Clock } from '@conductor/machine'
import type { LocalTerminal } from './attach/local-terminal.ts'
import type { Style } from './render/style.ts'
import type { SecretInput } from './secret-input.ts'
import type { SpawnedServer, SpawnServerOptions } from './server/spawn-server.ts'

/** Where text goes. Resolves when there is room for more; `gone` when nobody reads any more. */
export interface Output {
  write(data: string | Uint8Array): Promise<void>
}

/** The world around a command: what a test replaces. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute. */
  readonly cwd: string
  readonly out: Output
  readonly err: Output
  readonly style: Style
  readonly clock: Clock
  /** Aborts when the user wants the command to end. */
  readonly interrupted: AbortSignal
  /** Runs the server in this process, with these variables in its environment. */
  readonly serve: (settings: Readonly<Record<string, string>>) => Promise<void>
  /** Starts the server as a process that outlives this one. */
  readonly spawnServer: (options: SpawnServerOptions) => SpawnedServer
  /** `undefined` where keys or output are no terminal's. */
  readonly terminal: LocalTerminal | undefined
  readonly secrets: SecretInput
}
