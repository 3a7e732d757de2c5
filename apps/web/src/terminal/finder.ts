import { type ISearchOptions, SearchAddon } from '@xterm/addon-search'
import type { IBuffer, Terminal } from '@xterm/xterm'

export interface FindOptions {
  readonly caseSensitive: boolean
  readonly regex: boolean
}

export interface FindCount {
  /** Which of them is shown, from 1; 0 when none is. */
  readonly index: number
  readonly count: number
  /** Whether there are more than were counted. */
  readonly more: boolean
}

/** Searches what a terminal shows and has shown. */
export interface Finder {
  /** @returns Whether the text can be searched for: an expression may be none. */
  find(text: string, options: FindOptions, direction: 'next' | 'previous' | 'typing'): boolean
  /** Called whenever the count changes. */
  onCount(listener: (count: FindCount) => void): () => void
  /**
   * Marks a line and scrolls to it, where it is there exactly once: of two that read the same nobody knows
   * which is meant. @returns Whether it was.
   */
  reveal(line: string): boolean
  clear(): void
}

/** More is not counted, nor marked. */
const MOST_MARKED = 1_000

const MARKS = {
  matchBackground: '#8a6d1f',
  matchOverviewRuler: '#d69e14',
  activeMatchBackground: '#d69e14',
  activeMatchColorOverviewRuler: '#ff9632',
}

export function createFinder(terminal: Terminal): Finder {
  const addon = new SearchAddon({ highlightLimit: MOST_MARKED })
  terminal.loadAddon(addon)
  let last = ''
  return {
    find(text, { caseSensitive, regex }, direction) {
      if (text === '') {
        addon.clearDecorations()
        return true
      }
      if (regex && !isExpression(text)) return false
      // The addon (0.16) compares the options with themselves, and would mark what fitted the old ones.
      const asked = `${caseSensitive} ${regex}`
      if (asked !== last) addon.clearDecorations()
      last = asked
      const options: ISearchOptions = {
        caseSensitive,
        regex,
        incremental: direction === 'typing',
        decorations: MARKS,
      }
      // What was typed last is below: one looks upwards from there.
      if (direction === 'next') addon.findNext(text, options)
      else addon.findPrevious(text, options)
      return true
    },
    onCount(listener) {
      const { dispose } = addon.onDidChangeResults(({ resultIndex, resultCount }) =>
        listener({
          index: resultIndex + 1,
          count: resultCount,
          more: resultCount >= MOST_MARKED,
        }),
      )
      return dispose
    },
    reveal(line) {
      const rows = rowsOf(terminal.buffer.active, line.trimEnd())
      const [row] = rows
      if (row === undefined || rows.length > 1) return false
      terminal.scrollToLine(Math.max(row - Math.floor(terminal.rows / 2), 0))
      terminal.select(0, row, line.trimEnd().length)
      return true
    },
    clear() {
      addon.clearDecorations()
      terminal.clearSelection()
    },
  }
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** Where lines begin that read so, joined where they were too long for a row. */
function rowsOf(buffer: IBuffer, wanted: string): readonly number[] {
  const found: number[] = []
  let text = ''
  let begin = 0
  const end = (): void => {
    if (wanted !== '' && text.trimEnd() === wanted) found.push(begin)
  }
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row)
    if (!line?.isWrapped) {
      end()
      text = ''
      begin = row
    }
    text += line?.translateToString(false) ?? ''
  }
  end()
  return found
}
