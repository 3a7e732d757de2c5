import { readFileSync } from 'node:fs'
import { seeded } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { findDifference } from './testing/differential.ts'

/** Real programs, recorded: how is in testing/recordings/README.md. */
const RECORDINGS: readonly (readonly [name: string, cols: number, rows: number])[] = [
  ['bash', 60, 16],
  ['codex', 80, 24],
  ['dialog', 80, 24],
  ['fish', 80, 24],
  ['git-log', 80, 24],
  ['htop', 80, 24],
  ['less', 80, 24],
  ['nano', 80, 24],
  ['tmux', 80, 24],
  ['vim', 80, 24],
  ['zsh', 60, 16],
]

/** Cuts tried in each: chosen by chance, with a seed that is always the same. */
const CUTS = 200

describe('a snapshot, and then the rest, is the same as all of', () => {
  it.each(RECORDINGS)('%s', async (name, cols, rows) => {
    const output = readFileSync(new URL(`./testing/recordings/${name}.vt`, import.meta.url))
    const random = seeded(7)
    const cuts = Array.from({ length: CUTS }, () => Math.floor(random() * output.length))
    cuts.sort((a, b) => a - b)
    const difference = await findDifference({ cols, rows, output, cuts, scrollback: 300 })
    expect(difference?.copy, difference?.at).toEqual(difference?.original)
  })
})
