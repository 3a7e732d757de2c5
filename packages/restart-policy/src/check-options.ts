import { DEFAULT_MAX_MS } from './delays.ts'
import { type ExitMatch, type ExitRule, RESTARTS } from './exit-rules.ts'
import type { RestartPolicyOptions } from './options.ts'
import { type Budget, type Delay, type Jitter, MAX_DELAY_MS } from './options.ts'
import { RestartPolicyError } from './restart-policy-error.ts'

/** Throws for the first option that cannot be meant: what it is, and what to write in its place. */
export function checkOptions(options: RestartPolicyOptions): void {
  const { mode = 'on-failure', delay, jitter, budget, stableAfterMs = 0, afterStable } = options
  oneOf('mode', mode, Object.keys(RESTARTS))
  options.exitRules?.forEach(checkRule)
  options.cleanCodes?.forEach((code, index) => {
    checkCode(`cleanCodes[${index}]`, code)
  })
  options.cleanSignals?.forEach((signal, index) => {
    checkSignal(`cleanSignals[${index}]`, signal)
  })
  if (delay) checkDelay(delay)
  if (jitter) checkJitter(jitter, delay)
  if (budget) checkBudget(budget)
  if (!(stableAfterMs >= 0))
    bad(`stableAfterMs is ${stableAfterMs}: pass 0 or more, or Infinity for "never stable"`)
  if (afterStable !== undefined) oneOf('afterStable', afterStable, ['first-delay', 'at-once'])
  if (afterStable === 'at-once' && stableAfterMs === 0)
    bad(`stableAfterMs is 0 and afterStable is at-once, which is a loop without a pause: pass more`)
}

function checkRule(rule: ExitRule, index: number): void {
  const name = `exitRules[${index}]`
  const { codes, signals, kinds, stable, action } = rule
  oneOf(`${name}.action`, action, ['restart', 'complete', 'fail'])
  if (!codes && !signals && !kinds && stable === undefined)
    bad(`${name} matches every exit: name codes, signals, kinds or stable, or set mode instead`)
  if (codes && signals)
    bad(`${name} has codes and signals, and no exit has both: make two rules of it`)
  for (const code of valuesOf(`${name}.codes`, codes)) checkCode(`${name}.codes`, code)
  for (const each of valuesOf(`${name}.signals`, signals)) checkSignal(`${name}.signals`, each)
  for (const kind of valuesOf(`${name}.kinds`, kinds)) oneOf(`${name}.kinds`, kind, KINDS)
}

function valuesOf<T>(name: string, match: ExitMatch<T> | undefined): readonly T[] {
  if (!match) return []
  const values = 'in' in match ? match.in : match.notIn
  if (!Array.isArray(values)) bad(`${name} has no list: pass { in: […] } or { notIn: […] }`)
  return values
}

function checkDelay(delay: Delay): void {
  oneOf('delay.kind', delay.kind, DELAYS)
  if (delay.kind === 'fixed') ms('delay.delayMs', delay.delayMs, 0)
  else if (delay.kind === 'list') {
    if (delay.delaysMs.length === 0) bad('delay.delaysMs is empty: pass one delay or more')
    delay.delaysMs.forEach((each, index) => {
      ms(`delay.delaysMs[${index}]`, each, 0)
    })
  } else {
    // A power of nothing has no cap: 0 × Infinity is NaN.
    ms('delay.initialMs', delay.initialMs, delay.kind === 'linear' ? 0 : 1)
    if ('stepMs' in delay && delay.stepMs !== undefined) ms('delay.stepMs', delay.stepMs, 0)
    if ('factor' in delay && delay.factor !== undefined) checkFactor(delay.factor)
    if (delay.kind === 'steps') whole('delay.steps', delay.steps)
    checkCap(delay)
  }
}

function checkFactor(factor: number): void {
  if (!(factor >= 1 && factor < Infinity))
    bad(`delay.factor is ${factor}: pass 1 or more, 2 doubles`)
}

function checkCap(delay: { readonly initialMs: number; readonly maxMs?: number }): void {
  const { initialMs, maxMs = DEFAULT_MAX_MS } = delay
  ms('delay.maxMs', maxMs, 0)
  if (maxMs < initialMs)
    bad(
      `delay.maxMs is ${maxMs}, below delay.initialMs ${initialMs}: raise maxMs or lower initialMs`,
    )
}

function checkJitter(jitter: Jitter, delay: Delay | undefined): void {
  oneOf('jitter.kind', jitter.kind, JITTERS)
  if (jitter.kind === 'proportional' && !(jitter.ratio >= 0 && jitter.ratio <= 1))
    bad(`jitter.ratio is ${jitter.ratio}: pass a number from 0 to 1, 0.1 is ten per cent`)
  if (jitter.kind === 'additive') ms('jitter.upToMs', jitter.upToMs, 0)
  if (jitter.kind === 'decorrelated' && (delay?.kind === 'fixed' || delay?.kind === 'list'))
    bad(
      `jitter is decorrelated, which needs a cap, and delay ${delay.kind} has none: use exponential`,
    )
}

function checkBudget({ window, inARow, retryAfterMs }: Budget): void {
  if (window) {
    if ('starts' in window && 'restarts' in window)
      bad('budget.window has starts and restarts: pass one of them')
    if ('starts' in window) whole('budget.window.starts', window.starts)
    else whole('budget.window.restarts', window.restarts)
    ms('budget.window.perMs', window.perMs, 1, Number.MAX_SAFE_INTEGER)
  }
  if (inARow !== undefined && !(Number.isSafeInteger(inARow) && inARow >= 0))
    bad(`budget.inARow is ${inARow}: pass a whole number from 0, or leave it out for no limit`)
  if (retryAfterMs !== undefined) ms('budget.retryAfterMs', retryAfterMs, 1)
}

/** `requested` is not among them: no rule can make a stop undone. */
const KINDS = [
  'code',
  'signal',
  'spawn-error',
  'probe',
  'watchdog',
  'timeout',
  'memory',
  'cpu',
  'unseen',
]
const DELAYS = ['fixed', 'linear', 'exponential', 'list', 'steps']
const JITTERS = ['none', 'full', 'equal', 'decorrelated', 'proportional', 'additive']

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) bad(`${name} is ${value}: pass ${allowed.join(', ')}`)
}

function ms(name: string, value: number, fromMs: number, toMs: number = MAX_DELAY_MS): void {
  if (!Number.isSafeInteger(value) || value < fromMs || value > toMs)
    bad(`${name} is ${value}: pass whole milliseconds from ${fromMs} to ${toMs}`)
}

function whole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    bad(`${name} is ${value}: pass a whole number from 1`)
}

function checkCode(name: string, code: number): void {
  if (!Number.isSafeInteger(code) || code < 0)
    bad(`${name} is ${code}: pass exit codes, whole numbers from 0`)
}

function checkSignal(name: string, signal: string): void {
  if (!/^SIG[A-Z0-9+-]+$/.test(signal)) bad(`${name} is ${signal}: pass its full name, as SIGTERM`)
}

function bad(text: string): never {
  throw new RestartPolicyError('BAD_OPTION', text)
}
