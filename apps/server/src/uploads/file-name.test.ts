import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileName, numberedName } from './file-name.ts'

describe('the name of a file that is given to a session', () => {
  it.each([
    ['picture.png', 'picture.png'],
    ['Screenshot 2026-11-21 at 15.04.png', 'Screenshot_2026-11-21_at_15.04.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\a.txt', 'a.txt'],
    ['/', 'file'],
    ['', 'file'],
    ['..', 'file'],
    ['.bashrc', 'bashrc'],
    ['-rf', 'rf'],
    ['$(rm -rf ~);\'`".txt', '_rm_-rf_.txt'],
    ['a\u0000b\nc\u001b[31m.txt', 'a_b_c_31m.txt'],
    ['Grüße 東京.png', 'Grüße_東京.png'],
    ['gnp\u202e.exe', 'gnp_.exe'],
    ['\u0301x', 'x'],
  ])('%j is saved as %j', (wanted, name) => {
    expect(fileName(wanted)).toBe(name)
  })

  it('is safe, short and never empty, whatever was wanted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(2_000), (text, number) => {
        const name = numberedName(fileName(text), number + 1)
        expect(name).toMatch(/^[\p{L}\p{N}_+@=,][\p{L}\p{M}\p{N}._+@=,-]*$/u)
        expect(Buffer.byteLength(name)).toBeLessThan(200)
      }),
    )
  })

  it('keeps its ending, and gets its number before that', () => {
    expect(fileName(`${'ä'.repeat(300)}.png`)).toBe(`${'ä'.repeat(60)}.png`)
    expect(numberedName('a.tar.gz', 1)).toBe('a.tar.gz')
    expect(numberedName('a.tar.gz', 2)).toBe('a.tar-2.gz')
    expect(numberedName('file', 3)).toBe('file-3')
  })
})
