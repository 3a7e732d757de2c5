import type { SizeOwner } from '@conductor/protocol'
import type { TerminalScreen } from './screen.ts'

/** The size that the program has, and whose it is. */
export interface SharedSize {
  readonly cols: number
  readonly rows: number
  readonly owner: SizeOwner
}

/**
 * Which grid the screen has: this viewer's own, unless another viewer owns the size.
 *
 * @see PROTOCOL.md "Size: one owner"
 */
export interface TerminalSizing {
  readonly shared: SharedSize
  /** What fits here; `undefined` until it was measured. */
  readonly own: { readonly cols: number; readonly rows: number } | undefined
  /** This many cells fit here. Returns whether that is news. */
  fit(cols: number, rows: number): boolean
  /** The server has told the size. Takes effect behind the output that came before. */
  tell(shared: SharedSize, then: () => void): void
}

export function createTerminalSizing(screen: TerminalScreen): TerminalSizing {
  let shared: SharedSize = { cols: screen.cols, rows: screen.rows, owner: 'none' }
  let own: { readonly cols: number; readonly rows: number } | undefined

  function apply(): void {
    const { cols, rows } = shared.owner === 'other' ? shared : (own ?? shared)
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
