import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  isProcessManagerError,
  PROCESSES_FILE_NAMES,
  type ProcessesFile,
  readProcessesFile,
} from '@conductor/process-manager'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { Style } from '../render/style.ts'
import { isNamed, type ProcessJson } from '../server/process-json.ts'
import type { ServerLink } from '../server/server-link.ts'
import { watchProcesses } from '../server/watch-processes.ts'

export interface UpOptions {
  readonly json?: boolean
  readonly wait: boolean
}

/**
 * Starts processes and says so of each as it becomes ready.
 *
 * @param args A processes file first, or none. With a file, or with nothing at all, the server is given
 * what the file says; names alone are processes and groups that it knows already.
 */
export async function up(
  context: Context,
  link: ServerLink,
  args: readonly string[],
  options: UpOptions,
): Promise<ExitCode> {
  const { out, style } = context
  const { path, names } = splitArguments(args, context.cwd)
  const file = path === undefined ? undefined : await readFile(path, context.env)
  const wanted = names.length > 0 || !file ? names : file.processes.map(({ name }) => name)
  const told = new Set<string>()

  async function tell(process: ProcessJson): Promise<void> {
    if (options.json || told.has(process.name) || !isNamed(process, wanted)) return
    told.add(process.name)
    await out.write(stateLine(process, style))
  }

  // Before anything is asked for, so that nobody is missed. A line more or less is no reason to fail.
  const watch = options.json || !options.wait ? undefined : await watchProcesses(link)
  const watching = watch?.each((process) => (process.ready ? tell(process) : undefined))
  try {
    const wait = `?wait=${options.wait}`
    const all = file
      ? await link.json<ProcessJson[]>(`/api/processes${wait}`, {
          method: 'PUT',
          body: { ...{ processes: file.processes, groups: file.groups }, ...startOf(names) },
        })
      : await link.json<ProcessJson[]>(`/api/processes/up${wait}`, {
          method: 'POST',
          body: { names },
        })
    await watch?.end()
    await watching
    const asked = all.filter((process) => isNamed(process, wanted))
    if (options.json) await printJson(out, asked)
    for (const process of asked) await tell(process)
    return 0
  } finally {
    await watch?.end()
  }
}

/** As in `web is ready (pid 4242)`. */
export function stateLine(process: ProcessJson, style: Style): string {
  const { name, phase, ready, pid } = process
  const state = ready ? style('green', 'ready') : phase
  return `${name} is ${state}${pid === undefined ? '' : ` (pid ${pid})`}\n`
}

function startOf(names: readonly string[]): { readonly start?: readonly string[] } {
  return names.length > 0 ? { start: names } : {}
}

/** A file is told from a name by its end, or by a slash; names have neither. */
function splitArguments(
  args: readonly string[],
  cwd: string,
): { readonly path?: string; readonly names: readonly string[] } {
  const [first, ...others] = args
  if (first === undefined) return { path: defaultFile(cwd), names: [] }
  if (!/[\\/]|\.(?:json|ya?ml)$/i.test(first)) return { names: args }
  return { path: resolve(cwd, first), names: others }
}

function defaultFile(cwd: string): string {
  const found = PROCESSES_FILE_NAMES.map((name) => join(cwd, name)).find(existsSync)
  if (found) return found
  throw new CliError(
    'BAD_FILE',
    `there is no ${PROCESSES_FILE_NAMES.join(' or ')} in ${cwd}; write: conductor up FILE, or conductor up NAME for a process that is known`,
  )
}

async function readFile(path: string, env: Context['env']): Promise<ProcessesFile> {
  try {
    return await readProcessesFile(path, { env })
  } catch (cause) {
    if (!isProcessManagerError(cause)) throw cause
    throw new CliError('BAD_FILE', cause.message.replace(/^\[[^\]]*\] /, ''), { cause })
  }
}
