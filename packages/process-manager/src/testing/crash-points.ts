import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'
import type { Platform } from '../unit/platform.ts'

/** What a manager does to the world; it may die before and after each. */
const CALLS: readonly (keyof Platform)[] = [
  'makeCgroup',
  'launch',
  'guard',
  'watchExit',
  'signalTree',
  'killTree',
  'whenEmpty',
  'removeCgroup',
  'close',
]

/** What it does to files. */
const WRITES = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'appendFileSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'unlinkSync',
  'mkdirSync',
] as const

export interface CrashPoints {
  /** The names of those that were passed since they were armed. */
  readonly passed: readonly string[]
  /** From now on this process kills itself at the so-manyth point (default: at none). */
  arm(at?: number): void
  /** A platform with points before and after its calls. */
  around(platform: Platform): Platform
}

/** Counts the moments at which a manager could be killed, and kills it at one of them. */
export function crashPoints(root: string): CrashPoints {
  let armed: { readonly at: number } | undefined
  const passed: string[] = []

  function point(name: string): void {
    if (!armed) return
    // The kernel sees to it that not one instruction more of this process runs.
    if (passed.length === armed.at) process.kill(process.pid, 'SIGKILL')
    passed.push(name)
  }

  function around<A extends unknown[], R>(
    name: string,
    call: (...args: A) => R,
  ): (...args: A) => R {
    return (...args) => {
      point(`before ${name}`)
      const result = call(...args)
      point(`after ${name}`)
      if (!(result instanceof Promise)) return result
      // A promise of the same: `then` only looks on.
      return result.then((value) => {
        point(`at the end of ${name}`)
        return value
      }) as R
    }
  }

  for (const name of WRITES) {
    // One of the many overloads of each; arguments go through as they are.
    const real = fs[name] as (...args: unknown[]) => unknown
    const watched = around(name, real)
    Object.assign(fs, {
      [name]: (...args: unknown[]) =>
        typeof args[0] === 'number' || `${args[0]}`.startsWith(root)
          ? watched(...args)
          : real(...args),
    })
  }
  syncBuiltinESMExports()

  return {
    passed,
    arm(at = Infinity) {
      passed.length = 0
      armed = { at }
    },
    around(platform) {
      const watched = CALLS.map((name) => [
        name,
        around(name, platform[name] as (...args: unknown[]) => unknown),
      ])
      const changed: Platform = { ...platform, ...Object.fromEntries(watched) }
      return {
        ...changed,
        launch(options) {
          const launched = changed.launch(options)
          return { ...launched, go: around('go', launched.go) }
        },
      }
    },
  }
}
