import fc from 'fast-check'

const COLS = 12
const ROWS = 5

const TEXTS = [
  'a',
  'bc',
  ' ',
  'hello world',
  'x'.repeat(COLS),
  '一',
  '二三',
  'é',
  'e\u0301',
  '👩‍👧',
  '🇩🇪',
  '—',
  '\u0301',
  'ﾟ',
  '한',
]
const CONTROLS = ['\r', '\n', '\r\n', '\b', '\t', '\v', '\x0e', '\x0f', '\x07']
const ESCAPES = [
  '7',
  '8',
  'D',
  'E',
  'M',
  'H',
  '=',
  '>',
  '(0',
  '(B',
  ')0',
  ')A',
  '*0',
  'n',
  'o',
  '~',
  '#8',
  'c',
  '%G',
]
const MODES = [
  1, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1048, 1049, 2004, 2026,
]
const FINALS = [...'@ABCDEFGHIJKLMPSTXZ`abdefgrsu']
const OSCS = [
  '0;both',
  '2;title',
  '8;;http://a',
  '8;id=i;http://b',
  '8;;',
  '4;1;#112233',
  '10;#ffeedd',
  '104',
  '110',
]

const number = fc.oneof(fc.nat(ROWS + 1), fc.nat(COLS + 1), fc.constant(999))
const sgr = fc.oneof(
  fc.constantFrom(
    ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 31, 42, 53, 55, 59, 90, 105].map(
      String,
    ),
  ),
  fc.constantFrom(
    '38;5;200',
    '48;5;3',
    '38;2;1;2;3',
    '48;2;9;8;7',
    '4:3',
    '4:5',
    '4:0',
    '58:5:7',
    '58:2::1:2:3',
  ),
)

/** One thing that a program may say. */
const token: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...TEXTS), weight: 8 },
  { arbitrary: fc.constantFrom(...CONTROLS), weight: 3 },
  { arbitrary: fc.constantFrom(...ESCAPES).map((each) => `\x1b${each}`), weight: 2 },
  {
    arbitrary: fc
      .tuple(fc.array(number, { maxLength: 3 }), fc.constantFrom(...FINALS))
      .map(([numbers, final]) => `\x1b[${numbers.join(';')}${final}`),
    weight: 6,
  },
  {
    arbitrary: fc.array(sgr, { maxLength: 3 }).map((each) => `\x1b[${each.join(';')}m`),
    weight: 4,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...MODES), fc.constantFrom('h', 'l'))
      .map(([mode, final]) => `\x1b[?${mode}${final}`),
    weight: 3,
  },
  {
    arbitrary: fc.constantFrom('\x1b[4h', '\x1b[4l', '\x1b[20h', '\x1b[20l', '\x1b[!p'),
    weight: 1,
  },
  { arbitrary: fc.constantFrom('\x1b[1"q', '\x1b[0"q', '\x1b[?J', '\x1b[?2K'), weight: 1 },
  { arbitrary: fc.nat(8).map((style) => `\x1b[${style} q`), weight: 1 },
  { arbitrary: fc.constantFrom(...OSCS).map((each) => `\x1b]${each}\x07`), weight: 2 },
)

/** What a program might say to a terminal of 12 by 5, as few would. */
export const vtOutput: fc.Arbitrary<Buffer> = fc
  .array(token, { maxLength: 60 })
  .map((tokens) => Buffer.from(tokens.join('')))

export const vtSize: { readonly cols: number; readonly rows: number } = { cols: COLS, rows: ROWS }
