import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { likelyRotation, shrinkFile } from './shrink-file.ts'

const BLOCK = 64 * 1024

describe('shrinking a file', () => {
  it('happens once, also when a manager that was killed has asked for the same', async (test) => {
    const path = join(temporaryFolder(onTestFinished), 'file')
    const bytes = Buffer.alloc(4 * BLOCK, 'x')
    bytes.write('-- marker\n')
    writeFileSync(path, bytes)
    const fd = openSync(path, 'r+')
    onTestFinished(() => closeSync(fd))
    const both = [1, 2].map(() => shrinkFile('collapse', fd, '-- marker', BLOCK))
    const results = await Promise.all(both)
    if (results.includes('unsupported')) return test.skip()
    expect(results).toEqual(['done', 'done'])
    expect(fstatSync(fd).size).toBe(3 * BLOCK)
    expect(readFileSync(path).subarray(0, 4).toString()).toBe('xxxx')
  })

  it('is not tried where there is no such thing', () => {
    expect(likelyRotation('/', 'darwin')).toBe('truncate')
    expect(likelyRotation('/not/there', 'linux')).toBe('punch')
  })
})
