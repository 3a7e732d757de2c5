import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './workspace.ts'

const text = readFileSync(join(root, 'docs/requirements.md'), 'utf8')

/** How many there are of each letter. */
const ROWS = { C: 15, A: 12, D: 14, O: 10, B: 13 } as const

/** `C14, B5 to B7` as `C14`, `B5`, `B6`, `B7`. */
function idsIn(words: string): string[] {
  const ids = [...words.matchAll(/\b([A-Z])(\d+)(?: to [A-Z](\d+))?/g)]
  return ids.flatMap(([, letter, first, last = first]) =>
    Array.from(
      { length: Number(last) - Number(first) + 1 },
      (_, index) => `${letter}${Number(first) + index}`,
    ),
  )
}

/** Each row of the table: the requirements it is about, and the tests that it names. */
const rows = [...text.matchAll(/^\| ([A-Z]\d[^|]*)\|[^|]*\|(.*)\|$/gm)].map(
  ([, ids = '', links = '']) => ({
    ids: idsIn(ids),
    tests: [...links.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path),
  }),
)

it('each requirement has a row', () => {
  const known = new Set(rows.flatMap(({ ids }) => ids))
  const wanted = Object.entries(ROWS).flatMap(([letter, count]) =>
    idsIn(`${letter}1 to ${letter}${count}`),
  )
  expect(wanted.filter((id) => !known.has(id))).toEqual([])
})

it.each(rows)('$ids names tests that exist, and no folder in their place', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0)
  const wrong = tests.filter((path) => !path.endsWith('.test.ts') || !existsSync(join(root, path)))
  expect(wrong).toEqual([])
})
