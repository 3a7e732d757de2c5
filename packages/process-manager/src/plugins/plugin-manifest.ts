import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MAX_DELAY_MS } from '@conductor/restart-policy'
import { ProcessManagerError } from '../process-manager-error.ts'
import { PLUGIN_TIMEOUTS } from '../spec/defaults.ts'
import {
  duration,
  fieldName,
  type Issue,
  list,
  number,
  object,
  record,
  type Shape,
  text,
} from '../spec/shape.ts'
import { processName } from '../spec/spec-shape.ts'
import type { BackgroundProcessConfig } from './background-process-config.ts'

/** The part of a `plugin.json` that is read here. Other sections are other people's. */
export interface PluginManifest {
  readonly name: string
  readonly version?: string
  readonly runtime?: string
  /** Absent: the plugin has nothing that runs beside it. */
  readonly daemon?: PluginDaemon
}

/** All times are milliseconds. What is left out is as in `PLUGIN_TIMEOUTS`. */
export interface PluginDaemon {
  /** `python3` is the Python of the plugin's own virtual environment, where there is one. */
  readonly command: string
  /** Run in the plugin's folder, so the path of a script is relative to that. */
  readonly args?: readonly string[]
  /** Default: no checks. */
  readonly healthcheck?: PluginHealthcheck
  /** Relative to `<root>/<name>` (default: `daemon.sock`). */
  readonly socketPath?: string
  readonly envVars?: Readonly<Record<string, string>>
  readonly startupTimeout?: number
  readonly shutdownGracePeriod?: number
}

export interface PluginHealthcheck {
  readonly interval?: number
  readonly timeout?: number
  /** Failures before it counts as unhealthy. */
  readonly retries?: number
}

const daemonShape: Shape<PluginDaemon> = object<PluginDaemon>(
  { command: text() },
  {
    args: list(text()),
    healthcheck: object<PluginHealthcheck>(
      {},
      {
        interval: duration(1, MAX_DELAY_MS),
        timeout: duration(1, MAX_DELAY_MS),
        retries: number('times', { min: 1, max: 1_000_000 }),
      },
    ),
    socketPath: text(),
    envVars: record(text()),
    startupTimeout: duration(1, MAX_DELAY_MS),
    shutdownGracePeriod: duration(0, MAX_DELAY_MS),
  },
)
const manifestShape = object<PluginManifest>(
  { name: processName },
  { version: text(), runtime: text(), daemon: daemonShape },
)

/**
 * Reads `plugin.json`.
 *
 * @param folder The plugin's.
 * @throws ProcessManagerError `UNREADABLE` with the system's error as `cause`; `BAD_PLUGIN`: a line for
 *   each fault, as `/plugins/search/plugin.json: daemon.command is missing: write a text`.
 */
export async function readPluginManifest(folder: string): Promise<PluginManifest> {
  const path = join(folder, 'plugin.json')
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (cause) {
    const { message } = cause as Error // of `readFile`
    throw new ProcessManagerError('UNREADABLE', `${path} cannot be read: ${message}`, { cause })
  }
  return parsePluginManifest(content, path)
}

/** As `readPluginManifest`, of a text. @param path For messages. */
export function parsePluginManifest(content: string, path: string): PluginManifest {
  const issues: Issue[] = []
  const manifest = manifestShape.read(ours(parseJson(content, path)), {
    path: [],
    texts: false,
    report: (issue) => issues.push(issue),
  })
  if (manifest && issues.length === 0) return manifest
  const lines = issues.map((issue) => `${path}: ${fieldName(issue.path) || 'it'} ${issue.text}`)
  throw new ProcessManagerError('BAD_PLUGIN', lines.join('\n'))
}

export interface DaemonPlace {
  /** Of the manager: each plugin has its environment, PID file and socket in `<root>/<name>`. */
  readonly root: string
  /** Default: this system's. */
  readonly platform?: NodeJS.Platform
}

/** The daemon of a plugin as a configuration to start; `undefined` if it has none. */
export function daemonConfig(
  { name, daemon }: PluginManifest,
  folder: string,
  { root, platform = process.platform }: DaemonPlace,
): BackgroundProcessConfig | undefined {
  if (!daemon) return undefined
  const { command, args = [], healthcheck, socketPath = 'daemon.sock', envVars } = daemon
  const home = resolve(root, name)
  return {
    pluginName: name,
    pluginPath: resolve(folder),
    command: command === 'python3' ? pythonOf(home, platform) : command,
    args: [...args],
    socketPath: resolve(home, socketPath),
    startupTimeout: daemon.startupTimeout ?? PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_STARTUP,
    shutdownGracePeriod:
      daemon.shutdownGracePeriod ?? PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_SHUTDOWN_GRACE_PERIOD,
    ...(envVars && { envVars }),
    ...(healthcheck && {
      healthcheck: {
        interval: healthcheck.interval ?? PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_HEALTH_CHECK_INTERVAL,
        timeout: healthcheck.timeout ?? PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_HEALTH_CHECK_TIMEOUT,
        retries:
          healthcheck.retries ?? PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_MAX_HEALTH_CHECK_FAILURES,
      },
    }),
  }
}

/** Of the virtual environment in `home`; without one, whatever `PATH` has. */
function pythonOf(home: string, platform: NodeJS.Platform): string {
  const python =
    platform === 'win32' ? join(home, 'Scripts', 'python.exe') : join(home, 'bin', 'python3')
  return existsSync(python) ? python : 'python3'
}

/** Without the sections of others. What is no object stays as it is, to be refused. */
function ours(content: unknown): unknown {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content
  const known = ['name', 'version', 'runtime', 'daemon']
  return Object.fromEntries(Object.entries(content).filter(([key]) => known.includes(key)))
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const { message } = cause as Error // a SyntaxError
    throw new ProcessManagerError('BAD_PLUGIN', `${path}: is no JSON: ${message}`, { cause })
  }
}
