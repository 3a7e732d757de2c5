import { describe, expect, it } from 'vitest'
import { findDifference } from './testing/differential.ts'

const COLS = 40
const ROWS = 6

/** What a serialiser may lose: those marked were lost by xterm.js's own. */
const PROBES: readonly (readonly [what: string, output: string])[] = [
  [
    'text and colours',
    '\x1b[1;31mred\x1b[0m \x1b[38;5;200mpalette\x1b[0m \x1b[48;2;1;2;3mrgb\x1b[m',
  ],
  ['every flag', '\x1b[1;2;3;4;5;7;8;9;53mall\x1b[m \x1b[21mdouble\x1b[24m'],
  ['scrollback', Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\r\n')],
  ['a wrapped line', 'x'.repeat(100)],
  ['a wrapped line in colour', `\x1b[44m${'x'.repeat(100)}\x1b[m`],
  ['wide characters that wrap', 'a一二三四五六七八九十一二三四五六七八九十一二三'],
  ['an accent and an emoji family', 'e\u0301 👩‍👩‍👧 🇩🇪 ok'],
  ['cells that were never written', '\x1b[3;10Hhere\x1b[5;1Hthere'],
  ['cells erased in a colour', '\x1b[44m\x1b[2;5H\x1b[K\x1b[4;3H\x1b[10X\x1b[m'],
  ['the cursor', 'abc\x1b[4;7H'],
  ['a wrap that is due', `\x1b[3;1H${'y'.repeat(COLS)}`],
  ['the alternate screen', 'below\x1b[?1049habove\x1b[2;2H'],
  ['bracketed paste', '\x1b[?2004h'],
  ['application cursor keys and keypad', '\x1b[?1h\x1b='],
  ['mouse reports', '\x1b[?1002h'],
  ['insert mode', 'ab\r\x1b[4h'],
  ['origin mode', '\x1b[2;5r\x1b[?6h\x1b[2;3H'],
  ['no wrap', '\x1b[?7l'],
  ['focus events', '\x1b[?1004h'],
  ['the title', '\x1b]2;a title\x07'],
  ['the current colours', '\x1b[1;4;38;2;9;8;7;48;5;33m'],
  // Lost by addon-serialize 0.14.0.
  ['a hidden cursor', '\x1b[?25l'],
  ["the mouse's SGR encoding", '\x1b[?1000h\x1b[?1006h'],
  ['synchronised output', '\x1b[?2026h'],
  ['the scroll region', '\x1b[2;4r\x1b[3;1H'],
  ['the saved cursor', '\x1b[3;9H\x1b[35m\x1b7\x1b[m\x1b[H'],
  ['tab stops', '\x1b[3g\x1b[1;5H\x1bH\x1b[1;20H\x1bH\r'],
  ['the charset', '\x1b(0lqk'],
  ['G1, shifted to', '\x1b)0\x0eqqq'],
  ["the cursor's style", '\x1b[5 q'],
  [
    'links',
    '\x1b]8;id=one;https://example.com/;a\x07link\x1b]8;;\x07 and \x1b]8;;http://b\x07open',
  ],
  ['a curly underline in colour', '\x1b[4:3;58:2::255:0:9mwavy\x1b[4:5;58:5:12mdashes'],
  ['a sequence that is cut', 'abc\x1b[31;4'],
  ['a sequence that is cut, behind a line feed inside of it', 'abc\x1b[3\n1mred'],
  ['a string that is cut', 'abc\x1b]2;half a ti'],
  ['a character that is cut', '\u20ac'],
  // And a few that nobody asked about.
  ['protected cells', '\x1b[1"qkeep\x1b[0"qgo'],
  ['reverse wrap-around and line feed mode', '\x1b[?45h\x1b[20h'],
  ['a saved cursor on the other screen', '\x1b[?1049h\x1b[2;2H\x1b[31m\x1b7\x1b[?1049l'],
  ['an accent that is due', 'ae'],
  ['a charset that DECRC brought back', '\x1b(0\x1b7\x1b(B\x1b8q'],
  ['a steady cursor', '\x1b[?12l'],
  ['half a wide character at the right edge', '\x1b[2;39H\x1b[33m一\x1b[2;40H\x1b[32mx'],
  ['half a wide character', '\x1b[31m一\x1b[1D\x1b[32mx\x1b[2;40H\x1b[33m一'],
]

/** Shows what cannot be seen: an accent due, a charset, what was saved, tab stops. */
const EPILOGUE = '\u0301q\x1b8z\t!'

describe('a snapshot keeps', () => {
  it.each(PROBES)('%s', async (_, text) => {
    const difference = await findDifference({
      cols: COLS,
      rows: ROWS,
      output: Buffer.from(text),
      epilogue: EPILOGUE,
    })
    expect(difference?.copy, difference?.at).toEqual(difference?.original)
  })
})
