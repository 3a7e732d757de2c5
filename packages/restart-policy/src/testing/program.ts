import type { Exit } from '../exit.ts'
import type { RestartPolicyOptions } from '../options.ts'
import { createRestartPolicy, type Decision } from '../restart-policy.ts'

/** One run of the program, which then ends. */
export interface Run {
  /** From the start to being ready or, if it never is, to the end, in milliseconds (default: 0). */
  readonly startupMs?: number
  /** From being ready to the end, in milliseconds (default: it is never ready). */
  readonly readyForMs?: number
  /** How it ends (default: code 1). */
  readonly exit?: Exit
}

/** A program that lives by a policy, in virtual time: it is started exactly when the policy says. */
export interface Program {
  run(run?: Run): Decision
  /** When the last run ended. */
  nowMs(): number
}

const CRASH: Exit = { kind: 'code', code: 1 }

export function createProgram(options: RestartPolicyOptions): Program {
  const policy = createRestartPolicy(options)
  let state = policy.initial(1)
  let nowMs = 0
  return {
    run({ startupMs = 0, readyForMs, exit = CRASH } = {}) {
      nowMs = state.dueMs ?? nowMs
      state = policy.onStart(state, nowMs)
      nowMs += startupMs
      if (readyForMs !== undefined) {
        state = policy.onReady(state, nowMs)
        nowMs += readyForMs
      }
      const result = policy.onExit(state, exit, nowMs)
      state = result.state
      return result.decision
    },
    nowMs: () => nowMs,
  }
}
