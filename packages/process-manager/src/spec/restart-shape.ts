import type {
  Budget,
  Delay,
  ExitMatch,
  ExitRule,
  Jitter,
  RestartPolicyOptions,
} from '@conductor/restart-policy'
import {
  boolean,
  duration,
  either,
  kinds,
  list,
  number,
  object,
  type Shape,
  text,
} from './shape.ts'

// Fields and types only. What the values may be, the restart policy says itself, in its own words.

const any = number('any kind', { min: -Infinity, max: Infinity, whole: false })
const ms = duration(-Infinity, Infinity)

function match<T>(each: Shape<T>): Shape<ExitMatch<T>> {
  return either(
    (value) => typeof value === 'object' && value !== null && Object.hasOwn(value, 'notIn'),
    object<{ readonly notIn: readonly T[] }>({ notIn: list(each) }, {}),
    object<{ readonly in: readonly T[] }>({ in: list(each) }, {}),
  )
}

type Rest<T, K extends string> = Omit<Extract<T, { readonly kind: K }>, 'kind'>

const delay = kinds<Delay>({
  fixed: object<Rest<Delay, 'fixed'>>({ delayMs: ms }, {}),
  linear: object<Rest<Delay, 'linear'>>({ initialMs: ms }, { stepMs: ms, maxMs: ms }),
  exponential: object<Rest<Delay, 'exponential'>>({ initialMs: ms }, { factor: any, maxMs: ms }),
  list: object<Rest<Delay, 'list'>>({ delaysMs: list(ms) }, {}),
  steps: object<Rest<Delay, 'steps'>>({ initialMs: ms, maxMs: ms, steps: any }, {}),
})

const jitter = kinds<Jitter>({
  none: object<object>({}, {}),
  full: object<object>({}, {}),
  equal: object<object>({}, {}),
  decorrelated: object<object>({}, {}),
  proportional: object<Rest<Jitter, 'proportional'>>({ ratio: any }, {}),
  additive: object<Rest<Jitter, 'additive'>>({ upToMs: ms }, {}),
})

type Window = NonNullable<Budget['window']>
const window: Shape<Window> = either(
  (value) => typeof value === 'object' && value !== null && Object.hasOwn(value, 'restarts'),
  object<{ readonly restarts: number; readonly perMs: number }>({ restarts: any, perMs: ms }, {}),
  object<{ readonly starts: number; readonly perMs: number }>({ starts: any, perMs: ms }, {}),
)

export const restartOptions: Shape<RestartPolicyOptions> = object<RestartPolicyOptions>(
  {},
  {
    mode: text(),
    exitRules: list(
      object<ExitRule>(
        { action: text() },
        { codes: match(any), signals: match(text()), kinds: match(text()), stable: boolean() },
      ),
    ),
    cleanCodes: list(any),
    cleanSignals: list(text()),
    permanentErrnos: list(text()),
    delay,
    jitter,
    budget: object<Budget>({}, { window, inARow: any, retryAfterMs: ms }),
    stableAfterMs: ms,
    afterStable: text(),
  },
)
