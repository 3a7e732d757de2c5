import { connectSessionHost, type SessionHost } from './connect.ts'
import { startHost } from './start-host.ts'

export interface SpawnHostOptions {
  /** Absolute folder of the host: its socket, `host.json` and `host.log`. Made with mode 0700. */
  readonly dir: string
  /** Whether several sessions share the host (default: false; it then ends with its only session). */
  readonly shared?: boolean | undefined
  /**
   * The programs run in tmux, on a server of our own at this absolute socket path, and outlive even the
   * host: another one that is spawned in the same `dir` goes on with them (default: on ptys of the host).
   */
  readonly tmuxSocket?: string | undefined
  /** How long the host may take to listen, in milliseconds (default: 15,000). */
  readonly readyWithinMs?: number | undefined
  /** The host program (default: the one of this package). For tests of other builds. */
  readonly program?: string | undefined
}

/**
 * Starts a session host: a process of its own, in a session of its own, that holds ptys and goes on
 * whatever becomes of this process: SIGKILL, SIGHUP, a closed terminal, an upgrade.
 *
 * @returns The connected host. It ends by itself after 10 s without a session and without a server.
 * @throws PtySessionError `HOST_DEAD` with what the host said last, when it does not come up;
 * `HOST_HELD` when another host serves `dir`; `SOCKET_PATH_TOO_LONG`.
 */
export async function spawnSessionHost(options: SpawnHostOptions): Promise<SessionHost> {
  await startHost(options)
  return connectSessionHost(options)
}
