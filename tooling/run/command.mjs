import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Turbo asks nobody and tells nobody; pnpm and vitest neither draw nor ask. */
const QUIET = { CI: 'true', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

/** A failed command keeps at most this much of what it said, in characters. */
const KEPT_OUTPUT = 1_000_000

/** How long output may follow the end of a command, in milliseconds. */
const LINGER_MS = 2_000

/**
 * Runs a command to its end, without input.
 *
 * Takes part in a Ctrl-C: the command is told, and this process ends as if it had not listened.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, show?: boolean, timeoutMs?: number }} [options]
 * `show` passes its output on instead of keeping it; after `timeoutMs` its whole group is killed.
 * @returns {Promise<{ code: number | null, output: string, timedOut: boolean }>}
 */
export async function run(file, args, options = {}) {
  const { cwd = root, env = {}, show = false, timeoutMs } = options
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...QUIET, ...env },
    // A group of its own only where it may have to be killed as one.
    detached: timeoutMs !== undefined,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    shell: process.platform === 'win32',
  })
  const group = timeoutMs === undefined ? child.pid : -(child.pid ?? 0)
  const kill = (signal) => {
    try {
      if (group) process.kill(group, signal)
    } catch {
      // It has just ended.
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const leave = (signal) => {
    kill(signal)
    for (const each of signals) process.removeListener(each, leave)
    process.kill(process.pid, signal)
  }
  for (const signal of signals) process.on(signal, leave)

  let output = ''
  const keep = (chunk) => {
    output = (output + chunk).slice(-KEPT_OUTPUT)
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)

  let timedOut = false
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          kill('SIGKILL')
        }, timeoutMs)
  try {
    const { code, signal } = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal }))
      // What it left behind may hold its output open for ever.
      child.once('exit', (code, signal) => setTimeout(resolve, LINGER_MS, { code, signal }).unref())
    })
    if (signal) output += `\n${file} was ended by ${signal}\n`
    return { code, output, timedOut }
  } catch (error) {
    return { code: 127, output: `${file}: ${error.message}\n`, timedOut }
  } finally {
    clearTimeout(timer)
    for (const signal of signals) process.removeListener(signal, leave)
  }
}

/**
 * Runs pnpm in the version that package.json names. It need not be installed: npx fetches it, and asks
 * nobody any more once it is there.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function pnpm(args, options) {
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  return run('npx', ['--yes', '--prefer-offline', packageManager, ...args], options)
}

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`)
}

/**
 * Prints the reason and ends this script with exit code 1.
 *
 * @param {string} text
 * @returns {never}
 */
export function giveUp(text) {
  process.stderr.write(`${text.trimEnd()}\n`)
  process.exit(1)
}
