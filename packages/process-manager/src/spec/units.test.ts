import { describe, expect, it } from 'vitest'
import { hint } from './nearest.ts'
import { parseDuration, parseSize } from './units.ts'

describe('a text', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5h', 5_400_000],
    ['1m30s', 90_000],
    ['0.1s', 100],
    ['2d', 172_800_000],
    ['5', undefined],
    ['s', undefined],
    ['-5s', undefined],
    ['5 s', undefined],
    ['5sec', undefined],
    ['', undefined],
  ])('%j is a duration of %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    ['100B', 100],
    ['512K', 524_288],
    ['10M', 10_485_760],
    ['10MB', 10_485_760],
    ['10MiB', 10_485_760],
    ['1.5G', 1_610_612_736],
    ['1T', 1_099_511_627_776],
    ['10', undefined],
    ['10m', undefined],
    ['10iB', undefined],
  ])('%j is a size of %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })
})

describe('a hint', () => {
  it.each([
    ['comand', 'command'],
    ['SIGTREM', 'SIGTERM'],
    ['depends_on', 'dependsOn'],
    ['Web', 'web'],
    ['GRACE_MS', 'graceMs'],
  ])('for %j is %j', (word, meant) => {
    expect(hint(word, ['cwd', 'command', 'dependsOn', 'SIGTERM', 'SIGINT', 'web', 'graceMs'])).toBe(
      `did you mean "${meant}"?`,
    )
  })

  it('is the list when nothing is near', () => {
    expect(hint('zzzz', ['cwd', 'command'])).toBe('use one of cwd, command')
    expect(hint('zzzz', [])).toBe('there is none')
  })
})
