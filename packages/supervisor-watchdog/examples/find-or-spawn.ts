import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import {
  identifyProcess,
  isProcessIdentity,
  type ProcessIdentity,
  processState,
} from '@conductor/process-identity'
import {
  createLink,
  type Link,
  linkPath,
  shouldKillOnExit,
  shouldLink,
} from '@conductor/supervisor-watchdog'

export interface HostOptions {
  /** Where the daemon says who it is. */
  readonly runFile: string
  /** The daemon's program, and what it is called with. */
  readonly command: readonly [program: string, ...args: string[]]
  /** The daemon shall outlive this app. */
  readonly keep?: boolean
  readonly name: string
}

export interface Hosted {
  readonly spawned: boolean
  /** None: the daemon is somebody else's, or is meant to stay. */
  readonly link: Link | undefined
  /** For the very end of the app; it may be called from an `exit` listener. */
  lastResort(): void
}

/** Uses the daemon that runs, or starts one, and holds a link where the daemon should end with us. */
export function findOrSpawn({ runFile, command, keep = false, name }: HostOptions): Hosted {
  const found = readRunFile(runFile)
  const spawned = found === undefined
  const daemon = spawned ? spawnDaemon(command, keep) : found.identity
  const link =
    !keep && shouldLink({ spawned, runFileOwner: found?.owner })
      ? createLink({ path: linkPath(runFile), hello: { pid: process.pid, name } })
      : undefined
  return {
    spawned,
    link,
    lastResort() {
      const everConnected = link?.everConnected ?? false
      if (!shouldKillOnExit({ spawned, everConnected, keep })) return
      // The pid alone might be somebody else's by now.
      if (daemon && processState(daemon) === 'alive') process.kill(-daemon.pid, 'SIGTERM')
    },
  }
}

/** In a session and process group of its own, so that nothing that ends us ends it by accident. */
function spawnDaemon([program, ...args]: HostOptions['command'], keep: boolean) {
  const child = spawn(program, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, CONDUCTOR_OWNER: keep ? 'persistent' : 'app' },
  })
  // It could not be started: the link goes on trying, and says so.
  child.on('error', () => {})
  child.unref()
  return child.pid === undefined ? undefined : identifyProcess(child.pid)
}

function readRunFile(path: string): { identity: ProcessIdentity; owner?: string } | undefined {
  try {
    const { identity, owner } = JSON.parse(readFileSync(path, 'utf8'))
    // What cannot be told to be dead is not started a second time.
    if (isProcessIdentity(identity) && processState(identity) !== 'dead') return { identity, owner }
  } catch {
    // No run-file, or half of one: the daemon itself refuses to be the second.
  }
  return undefined
}
