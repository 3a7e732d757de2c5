import { expect, it } from 'vitest'
import { bytesOfBinary, inputKind } from './terminal-input.ts'

it.each([
  ['\x1b[I', 'focus'],
  ['\x1b[O', 'focus'],
  ['\x1b[<35;10;20M', 'hover'],
  ['\x1b[<0;10;20M', 'mouse'],
  ['\x1b[<0;10;20m', 'mouse'],
  ['\x1b[<32;10;20M', 'mouse'],
  ['\x1b[<64;1;1M', 'mouse'],
  ['\x1b[A', 'typed'],
  ['\x1bOA', 'typed'],
  ['\x1b[I\x1b[O', 'typed'],
  ['a', 'typed'],
] as const)('tells what %j is: %s', (data, kind) => {
  expect(inputKind(data)).toBe(kind)
})

it('makes one byte of each binary character', () => {
  expect([...bytesOfBinary('\x1b[M \xff\u0123')]).toEqual([0x1b, 0x5b, 0x4d, 0x20, 0xff, 0x23])
})
