import { describe, expect, it } from 'vitest'
import { nameProblem } from './session-name.ts'

describe('a session name', () => {
  it.each(['build', 'Über – 日本語 🚀', 'a/b <script>', 'x'.repeat(200)])('may be %s', (name) => {
    expect(nameProblem(name)).toBeUndefined()
  })

  it.each([
    'a\u001b]0;x\u0007',
    'a\nb',
    'a\u0000',
    'a\u007f',
    'a\u009bm',
    'gpj\u202eexe',
    '\u2066a',
    'a\u200f',
    'a\u2028',
    '\ud800',
    '\ufeffa',
  ])('may not hold %j', (name) => {
    expect(nameProblem(name)).toContain('may not hold')
  })

  it('has at most 200 characters', () => {
    expect(nameProblem('x'.repeat(201))).toContain('at most 200')
  })
})
