/** Switches between the screen of a full-screen program and that of the shell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const ALTERNATE = /\x1b\[\?(?:[\d;]*;)?(47|1047|1049)(?:;[\d;]*)?([hl])/g

/** Longer than any such sequence. */
const CARRY_CHARACTERS = 32

/** Mouse and focus reports, bracketed paste, application keys, keyboard protocols: nobody's any more. */
const MODES_OFF =
  '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[=0u\x1b[>4m'

/** Colours, margins, insert mode and a hidden cursor (DECSTR, and once more for who does not know it). */
const SOFT_RESET = '\x1b[!p\x1b[0m\x1b[?25h'

/** What a program has done to the terminal that outlasts it. */
export interface ScreenState {
  /** Watches output go by. */
  see(bytes: Uint8Array): void
  /** Makes the terminal fit for the shell again. */
  undo(): string
}

export function createScreenState(): ScreenState {
  let carry = ''
  let leave = ''
  return {
    see(bytes) {
      const text =
        carry + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      for (const [, mode, set] of text.matchAll(ALTERNATE))
        leave = set === 'h' ? `\x1b[?${mode}l` : ''
      carry = text.slice(-CARRY_CHARACTERS)
    },
    // Only when it is needed: where there is no other screen, some terminals move the cursor instead.
    undo: () => `${MODES_OFF}${leave}${SOFT_RESET}`,
  }
}
