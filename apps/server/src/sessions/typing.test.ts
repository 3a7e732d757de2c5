import { expect, it } from 'vitest'
import { isTyping } from './typing.ts'

const ESC = '\u001b'

it.each([
  ['a', true],
  ['\r', true],
  [ESC, true],
  [`${ESC}[A`, true],
  [`${ESC}[1;5C`, true],
  [`${ESC}[200~paste${ESC}[201~`, true],
  [`${ESC}[Ia`, true],
  [`${ESC}[I${'x'.repeat(300)}`, true],
  ['', false],
  [`${ESC}[I`, false],
  [`${ESC}[O${ESC}[I`, false],
  [`${ESC}[?62;22c`, false],
  [`${ESC}[>0;276;0c`, false],
  [`${ESC}[24;80R`, false],
  [`${ESC}[?2026;2$y`, false],
  [`${ESC}[8;24;80t`, false],
  [`${ESC}[<35;10;20M`, false],
  [`${ESC}]11;rgb:0000/0000/0000${ESC}\\`, false],
  [`${ESC}]10;rgb:ffff/ffff/ffff\u0007`, false],
  [`${ESC}P1$r0m${ESC}\\`, false],
])('%j is typing: %s', (text, expected) => {
  expect(isTyping(Buffer.from(text))).toBe(expected)
})
