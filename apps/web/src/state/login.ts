import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../api/api.ts'
import { ApiError, errorText } from '../api/api-error.ts'

export type LoginState =
  | { readonly name: 'asking' }
  | { readonly name: 'posting' }
  | { readonly name: 'refused'; readonly text: string }
  /** Too many wrong passwords. */
  | { readonly name: 'locked'; readonly seconds: number }
  /** The terminals are on their way. */
  | { readonly name: 'welcome' }

export interface Login {
  readonly state: ReadonlySignal<LoginState>
  submit(password: string): Promise<void>
}

export interface LoginOptions {
  readonly api: Pick<Api, 'login'>
  readonly clock: Clock
  readonly onDone: () => void
}

export function createLogin({ api, clock, onDone }: LoginOptions): Login {
  const state = signal<LoginState>({ name: 'asking' })

  /** Counts down, because a moment is easier to wait for when it can be seen coming. */
  function lock(seconds: number): void {
    state.value = seconds > 0 ? { name: 'locked', seconds } : { name: 'asking' }
    if (seconds > 0) clock.setTimeout(() => lock(seconds - 1), 1_000)
  }

  return {
    state,
    async submit(password) {
      const { name } = state.value
      if (name !== 'asking' && name !== 'refused') return
      state.value = { name: 'posting' }
      try {
        await api.login(password)
        state.value = { name: 'welcome' }
        onDone()
      } catch (error) {
        const locked = error instanceof ApiError && error.status === 429
        if (locked) lock(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))
        else state.value = { name: 'refused', text: errorText(error) }
      }
    },
  }
}
