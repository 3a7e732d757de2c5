import type { SizeOwner } from '@conductor/protocol'
import type { TerminalScreen } from './screen.ts'

/** The size that the program has, and whose it is. */
export interface SharedSize {
  readonly cols: number
  readonly rows: number
  readonly owner: SizeOwner
}

/**
 * When this viewer's size is told to the server, which makes it count: `always`, as on a desk; `typing`: a
 * phone that only reads changes nothing for anybody; `asked`: only when a person says so.
 */
export type SizePolicy = 'always' | 'typing' | 'asked'

/**
 * Which grid the screen has: this viewer's own, unless another viewer owns the size, or this one only reads.
 *
 * @see PROTOCOL.md "Size: one owner"
 */
export interface TerminalSizing {
  readonly shared: SharedSize
  /** Whether the screen has the grid of others, which may be larger than what fits. */
  readonly follows: boolean
  /** What the server may know: {@link own}, or nothing while this viewer only reads. */
  readonly offered: { readonly cols: number; readonly rows: number } | undefined
  /** What fits here; `undefined` until it was measured. */
  readonly own: { readonly cols: number; readonly rows: number } | undefined
  /** This many cells fit here. Returns whether that is news. */
  fit(cols: number, rows: number): boolean
  /** The server has told the size. Takes effect behind the output that came before. */
  tell(shared: SharedSize, then: () => void): void
  /** Something else has changed the grid: makes it again what it should be. */
  restore(): void
  /** From now on this viewer's size counts. Returns whether that is news. */
  offer(): boolean
}

export function createTerminalSizing(screen: TerminalScreen): TerminalSizing {
  let shared: SharedSize = { cols: screen.cols, rows: screen.rows, owner: 'none' }
  let own: { readonly cols: number; readonly rows: number } | undefined
  let offers = false

  function follows(): boolean {
    return shared.owner === 'other' || (shared.owner === 'none' && !offers)
  }

  function apply(): void {
    const { cols, rows } = follows() ? shared : (own ?? shared)
    if (cols > 0 && rows > 0 && (cols !== screen.cols || rows !== screen.rows))
      screen.resize(cols, rows)
  }

  return {
    get shared() {
      return shared
    },
    get own() {
      return own
    },
    get follows() {
      return follows()
    },
    get offered() {
      return offers ? own : undefined
    },
    restore: apply,
    offer() {
      if (offers) return false
      offers = true
      apply()
      return true
    },
    fit(cols, rows) {
      if (own?.cols === cols && own.rows === rows) return false
      own = { cols, rows }
      apply()
      return true
    },
    tell(next, then) {
      screen.write('', () => {
        shared = next
        apply()
        then()
      })
    },
  }
}
