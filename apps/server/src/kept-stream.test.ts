import { closeSync, fstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { isKeptStream } from './kept-stream.ts'

it('a log keeps what is written, be it a file or the journal, and others do not', () => {
  const file = openSync(join(temporaryFolder(onTestFinished), 'log'), 'w')
  const other = openSync('/dev/null', 'w')
  const { dev, ino } = fstatSync(other)
  expect(isKeptStream(file, undefined)).toBe(true)
  expect(isKeptStream(other, undefined)).toBe(false)
  expect(isKeptStream(other, '1:1')).toBe(false)
  expect(isKeptStream(other, `${dev}:${ino}`)).toBe(true)
  for (const fd of [file, other]) closeSync(fd)
  expect(isKeptStream(file, undefined)).toBe(false)
})
