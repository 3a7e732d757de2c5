/** What a compose bar sends, in one piece: nothing can come between its text and its Enter. */
export interface ComposedOptions {
  /** Whether the program wants to be told what was pasted (DECSET 2004). */
  readonly bracketed: boolean
  readonly enter: boolean
}

/**
 * A text as one paste. Line ends become what Enter sends, and an Escape in it becomes visible: it could
 * end the paste.
 */
export function composed(text: string, { bracketed, enter }: ComposedOptions): string {
  const lines = text.replace(/\r?\n/g, '\r').replaceAll('\x1b', '\u241b')
  const pasted = bracketed && lines !== '' ? `\x1b[200~${lines}\x1b[201~` : lines
  return `${pasted}${enter ? '\r' : ''}`
}
