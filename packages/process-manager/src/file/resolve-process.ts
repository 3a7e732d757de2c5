import { isAbsolute, resolve } from 'node:path'
import type { CheckSpec, ProbeSpec } from '@conductor/health'
import type { ProcessSpec } from '../spec/process-spec.ts'
import type { Issue } from '../spec/shape.ts'
import type { FileDefaults, FileSpec } from '../spec/spec-shape.ts'
import { type Environment, putVariables } from './variables.ts'

/** Where a file stands, and what its variables mean. */
export interface FilePlace {
  /** Absolute. */
  readonly folder: string
  readonly env: Environment
}

/** A process of a file as a spec: with the defaults, absolute paths, and variables in their place. */
export function resolveProcess(
  name: string,
  own: FileSpec,
  defaults: FileDefaults,
  { folder, env: environment }: FilePlace,
): { readonly spec: ProcessSpec; readonly issues: Issue[] } {
  const issues: Issue[] = []
  const file: FileSpec = { ...defaults, ...own }
  const put = (path: Issue['path'], text: string): string =>
    putVariables(text, environment, (fault) => issues.push({ path, text: fault }))

  const env = Object.entries({ ...defaults.env, ...own.env }).map(
    ([key, value]) => [key, put(['env', key], value)] as const,
  )
  const { ready, liveness, readiness, socketPath, args } = file
  // What a person starts by hand in the folder of the file has this folder, too.
  const cwd = resolve(folder, file.cwd ?? '.')
  const probed = (check: CheckSpec): CheckSpec => ({
    ...check,
    probe: resolveProbe(check.probe, folder, cwd),
  })
  const spec: ProcessSpec = {
    ...file,
    name,
    command: resolveCommand(file.command, folder),
    cwd,
    env: Object.fromEntries(env),
    ...(args && { args: args.map((each, index) => put(['args', index], each)) }),
    ...(socketPath !== undefined && { socketPath: resolve(folder, socketPath) }),
    ...(ready?.kind === 'check' && { ready: { ...ready, check: probed(ready.check) } }),
    ...(liveness && { liveness: probed(liveness) }),
    ...(readiness && { readiness: probed(readiness) }),
  }
  return { spec, issues }
}

function resolveProbe(probe: ProbeSpec, folder: string, cwd: string): ProbeSpec {
  switch (probe.kind) {
    case 'unix':
    case 'heartbeat':
      return { ...probe, path: resolve(folder, probe.path) }
    case 'http':
      return probe.socketPath === undefined
        ? probe
        : { ...probe, socketPath: resolve(folder, probe.socketPath) }
    case 'exec':
      return {
        ...probe,
        command: resolveCommand(probe.command, folder),
        cwd: probe.cwd === undefined ? cwd : resolve(folder, probe.cwd),
      }
    default:
      return probe
  }
}

/** A name without a separator is looked up in `PATH`, as in a shell. */
function resolveCommand(command: string, folder: string): string {
  const isPath = command.includes('/') || command.includes('\\')
  return isPath && !isAbsolute(command) ? resolve(folder, command) : command
}
