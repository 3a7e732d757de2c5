import { systemClock } from '@conductor/machine'
import type { ExitCode } from '../cli-error.ts'
import type { Context, Output } from '../context.ts'
import { plain } from '../render/style.ts'
import { runCli } from '../run-cli.ts'

/** A command that runs, and what it has printed so far. */
export interface Run {
  readonly out: Buffer
  readonly err: string
  readonly exitCode: Promise<ExitCode>
  interrupt(): void
}

/** Runs a command line in this process. */
export function run(cwd: string, args: readonly string[], over: Partial<Context> = {}): Run {
  const outputs: Record<'out' | 'err', Uint8Array[]> = { out: [], err: [] }
  const output = (name: 'out' | 'err'): Output => ({
    async write(data) {
      outputs[name].push(Buffer.from(data as Uint8Array))
    },
  })
  const interrupted = new AbortController()
  const exitCode = runCli(args, {
    ...{ env: {}, cwd, out: output('out'), err: output('err'), style: plain },
    ...{ clock: systemClock, interrupted: interrupted.signal, serve: async () => {} },
    ...{
      spawnServer: () => ({ pid: undefined, ended: new Promise(() => {}) }),
      terminal: undefined,
      secrets: { isTyped: false, read: async () => '' },
    },
    ...over,
  })
  return {
    get out() {
      return Buffer.concat(outputs.out)
    },
    get err() {
      return Buffer.concat(outputs.err).toString()
    },
    exitCode,
    interrupt: () => interrupted.abort(),
  }
}

/** The same, to its end. */
export async function ran(
  cwd: string,
  args: readonly string[],
  over: Partial<Context> = {},
): Promise<{ readonly out: string; readonly err: string; readonly exitCode: ExitCode }> {
  const running = run(cwd, args, over)
  const exitCode = await running.exitCode
  return { out: running.out.toString(), err: running.err, exitCode }
}
