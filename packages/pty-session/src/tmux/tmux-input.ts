import type { TerminalSize } from '../types.ts'
import type { Tmux } from './tmux-command.ts'
import { escapesPastes, resizePane, typeInto } from './tmux-pane.ts'
import type { TmuxPane } from './tmux-record.ts'

export interface TmuxInputOptions {
  readonly tmux: Tmux
  readonly pane: TmuxPane
  /** Throws when nothing can be typed any more. */
  readonly check: () => void
  readonly onTrouble: (error: unknown) => void
}

export interface TmuxInput {
  readonly backlogBytes: number
  /** Resolves when tmux has taken them. */
  push(bytes: Uint8Array): Promise<void>
  resize(size: TerminalSize): void
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * One command at a time, so that nothing overtakes: each starts a process, and what is typed while
 * one runs goes together with the next.
 */
export function createTmuxInput(options: TmuxInputOptions): TmuxInput {
  const { tmux, pane, check, onTrouble } = options
  let waiting: Waiting[] = []
  let size: TerminalSize | undefined
  let backlogBytes = 0
  let busy = false
  let escapes: boolean | undefined

  async function work(): Promise<void> {
    if (busy) return
    busy = true
    while (size || waiting.length > 0) {
      if (size) await applySize(size)
      if (waiting.length > 0) await type()
    }
    busy = false
  }

  async function applySize(next: TerminalSize): Promise<void> {
    size = undefined
    try {
      check()
      await resizePane(tmux, pane, next)
    } catch (error) {
      onTrouble(error)
    }
  }

  async function type(): Promise<void> {
    const batch = waiting
    waiting = []
    const bytes = Buffer.concat(batch.map((each) => each.bytes))
    try {
      check()
      escapes ??= await escapesPastes(tmux)
      if (bytes.length > 0) await typeInto(tmux, pane, bytes, escapes)
      settle(batch, ({ resolve }) => resolve())
    } catch (error) {
      settle(batch, ({ reject }) => reject(error))
    }
  }

  function settle(batch: readonly Waiting[], tell: (each: Waiting) => void): void {
    for (const each of batch) {
      backlogBytes -= each.bytes.length
      tell(each)
    }
  }

  return {
    get backlogBytes() {
      return backlogBytes
    },
    push(bytes) {
      backlogBytes += bytes.length
      return new Promise((resolve, reject) => {
        waiting.push({ bytes, resolve, reject })
        void work()
      })
    },
    resize(next) {
      size = next
      void work()
    },
  }
}
