import { expect, it } from 'vitest'
import { printable } from './actor.ts'

it.each([
  [' conductor stop ', 'conductor stop'],
  ['a\tb\r\nc\u001b[2J', 'abc[2J'],
  ['x'.repeat(200), 'x'.repeat(100)],
  ['\u00e9\u0007\u202e', ''],
])('the name of who asks, %j, is kept as %j', (given, kept) => {
  expect(printable(given)).toBe(kept)
})
