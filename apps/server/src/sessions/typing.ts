/** Nothing that a terminal says by itself is longer, in bytes; what is longer, somebody typed or pasted. */
const LONGEST_REPORT_BYTES = 256

/**
 * What terminals send without anybody at the keys: focus in and out, mouse, cursor position, what it is
 * and what it can (CSI … c, R, n, t, y), colours (OSC), and answers in DCS.
 */
const REPORTS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  /^(?:\x1b\[(?:[IO]|[?>=]?[\d;:]*(?:[cRnt]|\$y)|<[\d;]+[Mm]|\?[\d;]*u|M[\s\S]{3})|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\))+$/

/** Whether somebody is at the keys: to look at a terminal, or to move a mouse over it, is not to type. */
export function isTyping(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false
  if (bytes[0] !== 0x1b || bytes.length > LONGEST_REPORT_BYTES) return true
  return !REPORTS.test(String.fromCharCode(...bytes))
}
