import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import type { ExecProbe } from '../probe-spec.ts'
import { errorText, fail, type Looker, lastLine, type Verdict } from './look.ts'

/** So much of what a command prints is kept, its end, in bytes: the message is its last line. */
const KEPT_OUTPUT = 4 * 1_024

/** For output on its way when the command has ended. Only what fled its group can hold it up. */
const DRAIN_MS = 100

/** For this process and its supervisor alone: a check must not speak in our name, nor read our secrets. */
const WITHHELD = /^(NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|AI_CONDUCTOR_PASSWORD)$/i

const isWindows = process.platform === 'win32'

/** Runs a command in a process group of its own, which ends with the look, whatever it ignores. */
export function execLooker(
  spec: ExecProbe,
  environment: Readonly<Record<string, string | undefined>>,
): Looker {
  const { command, args = [], cwd, env = {} } = spec
  const own = Object.entries(environment).filter(([name]) => !WITHHELD.test(name))

  return {
    look: ({ signal, clock, progress }) =>
      new Promise<Verdict>((resolve) => {
        const child = spawn(command, args, {
          cwd,
          env: { ...Object.fromEntries(own), ...env },
          detached: !isWindows,
          stdio: ['ignore', 'pipe', 'pipe'],
          windowsHide: true,
        })
        let tail = Buffer.alloc(0)
        let drained: unknown
        const said = (): string => lastLine(tail.toString())
        const hear = (chunk: Buffer): void => {
          tail = Buffer.concat([tail, chunk]).subarray(-KEPT_OUTPUT)
        }
        const kill = (): void => killGroup(child)
        const hangUp = (): void => {
          child.stdout?.destroy()
          child.stderr?.destroy()
        }

        progress(said)
        child.stdout?.on('data', hear)
        child.stderr?.on('data', hear)
        child.once('error', (error) => {
          // Errors after the start are about signals, and `close` comes by itself.
          if (child.pid !== undefined) return
          hangUp()
          resolve({ status: 'unknown', message: `cannot run ${command}: ${errorText(error)}` })
        })
        child.once('exit', () => {
          signal.removeEventListener('abort', kill)
          killGroup(child)
          drained = clock.setTimeout(hangUp, DRAIN_MS)
        })
        child.once('close', (code, by) => {
          clock.clearTimeout(drained)
          resolve(judge(code, by, said()))
        })
        signal.addEventListener('abort', kill)
        signal.addEventListener('abort', hangUp)
      }),
  }
}

function judge(code: number | null, by: NodeJS.Signals | null, said: string): Verdict {
  if (code === 0) return { status: 'pass', message: said }
  const how = code === null ? `ended by ${by}` : `exit code ${code}`
  if (code === 1) return fail(said || how)
  return fail(said ? `${how}: ${said}` : how)
}

/**
 * Kills the command and all that it started and left in its group.
 *
 * The group's number is ours for as long as anybody is in it, and its first process is not waited
 * for before Node reports its end. So this is called at the limit or in the very turn of that report.
 */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (isWindows) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nobody is left in it, which is what was wanted.
  }
}
