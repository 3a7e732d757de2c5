/**
 * What a program asks a terminal, which the terminal answers as if somebody had typed: device status and
 * attributes, modes, version, keyboard flags, window reports, settings, colours; and turning focus reports on.
 */
const QUERIES = new RegExp(
  [
    '\\x05',
    '\\x1b\\[[?>=]?[\\d;]*[cn]',
    '\\x1b\\[>[\\d;]*q',
    '\\x1b\\[\\?u',
    '\\x1b\\[\\??[\\d;]*\\$p',
    '\\x1b\\[(?:11|13|14|15|16|18|19|20|21)(?:;\\d*)?t',
    '\\x1b\\[\\?1004h',
    '\\x1bP[$+]q[^\\x1b\\x07]*\\x1b\\\\',
    '\\x1b\\](?:[45];\\d+|1\\d);\\?(?:\\x07|\\x1b\\\\)',
  ].join('|'),
  'g',
)

/** A sequence that may yet become a query. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const UNFINISHED = /\x1b(?:\[[?>=\d;$]*|P[$+]?q?[^\x1b\x07]{0,200}|\][\d;?]{0,20})?\x1b?$/

/**
 * Takes queries out of output that this terminal must not answer: old output, and what another viewer
 * answers. An answer to it would be typed into the program. All other bytes pass as they are.
 */
export interface QueryFilter {
  /** @param mayAnswer Whether a query in these bytes is this terminal's to answer. */
  pass(bytes: Uint8Array, mayAnswer: boolean): Uint8Array
}

export function createQueryFilter(): QueryFilter {
  /** The beginning of what may be a query, of a kind that must not be answered. */
  let held = Buffer.alloc(0)
  return {
    pass(bytes, mayAnswer) {
      // What was begun in old output is old, wherever it ends.
      if (mayAnswer && held.length === 0) return bytes
      const all = Buffer.concat([held, bytes])
      const text = all.toString('latin1')
      if (mayAnswer) {
        held = Buffer.alloc(0)
        return Buffer.from(withoutFirst(text), 'latin1')
      }
      const cut = text.search(UNFINISHED)
      held = cut < 0 ? Buffer.alloc(0) : all.subarray(cut)
      return Buffer.from((cut < 0 ? text : text.slice(0, cut)).replace(QUERIES, ''), 'latin1')
    },
  }
}

/** Without the query that it begins with, if it does. */
function withoutFirst(text: string): string {
  QUERIES.lastIndex = 0
  const found = QUERIES.exec(text)
  QUERIES.lastIndex = 0
  return found?.index === 0 ? text.slice(found[0].length) : text
}
