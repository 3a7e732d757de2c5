// A stream of numbered, checksummed lines that both its writer and its judge can make from a seed:
//
//     000000000042 9c0ffee1 some text, now and then in colour or with ünïcödé\n
//
// The checksum is that of the text, mixed with the number, so that neither can be exchanged. Every
// period of lines has the same texts and the same length, so any byte's place is arithmetic. Plain
// JavaScript, because the writer runs inside the sessions under test, without a build.

import { crc32 } from 'node:zlib'

const LINES_IN_PERIOD = 512
const NUMBER_DIGITS = 12
const CHECK_DIGITS = 8
const HEX = Buffer.from('0123456789abcdef')
const WORDS = [
  'building',
  'src/index.ts',
  '\x1b[32mpassed\x1b[0m',
  'warning:',
  '\x1b[1;31mfailed\x1b[0m',
  'größer',
  '終わり',
  '→',
  'node_modules/.pnpm',
  '12.5 kB',
  'the',
  'agent',
  'reads',
  'and',
  'writes',
]

export function createNumberedLines(seed) {
  const random = mulberry32(seed)
  const lines = Array.from({ length: LINES_IN_PERIOD }, () => {
    const words = Array.from(
      { length: 2 + Math.floor(random() * 24) },
      () => WORDS[Math.floor(random() * WORDS.length)],
    )
    const text = Buffer.from(`${words.join(' ')} ${Math.floor(random() * 1e9).toString(36)}\n`)
    return { text, crc: crc32(text) }
  })
  const prefixBytes = NUMBER_DIGITS + 1 + CHECK_DIGITS + 1
  const starts = []
  let periodBytes = 0
  for (const { text } of lines) {
    starts.push(periodBytes)
    periodBytes += prefixBytes + text.length
  }
  const period = Buffer.alloc(periodBytes, ' ')
  for (const [index, { text }] of lines.entries()) text.copy(period, starts[index] + prefixBytes)

  /** Numbers a period's lines, in place. */
  function number(target, at, periodIndex) {
    for (let index = 0; index < LINES_IN_PERIOD; index++) {
      const line = periodIndex * LINES_IN_PERIOD + index
      let rest = line
      const start = at + starts[index]
      for (let digit = NUMBER_DIGITS - 1; digit >= 0; digit--) {
        target[start + digit] = 48 + (rest % 10)
        rest = Math.floor(rest / 10)
      }
      let check = checkOf(line, lines[index].crc)
      for (let digit = CHECK_DIGITS - 1; digit >= 0; digit--) {
        target[start + NUMBER_DIGITS + 1 + digit] = HEX[check & 15]
        check >>>= 4
      }
    }
  }

  const scratch = Buffer.from(period)
  let scratchIndex = -1

  return {
    periodBytes,
    fill(target, offset) {
      let done = 0
      while (done < target.length) {
        const index = Math.floor((offset + done) / periodBytes)
        const within = (offset + done) % periodBytes
        if (index !== scratchIndex) number(scratch, 0, index)
        scratchIndex = index
        done += scratch.copy(target, done, within, within + target.length - done)
      }
      return target
    },
    lineAt(offset) {
      const within = offset % periodBytes
      let index = starts.length - 1
      while (starts[index] > within) index--
      return Math.floor(offset / periodBytes) * LINES_IN_PERIOD + index
    },
  }
}

function checkOf(line, crc) {
  return (crc ^ Math.imul(line, 0x9e3779b1)) >>> 0
}

function mulberry32(seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
