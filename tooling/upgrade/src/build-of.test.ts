import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildOf, cacheFolder } from './build-of.ts'
import { OLDER_BUILDS } from './older-builds.ts'

/** Every link below `dir`. Links are not followed. */
function* linksIn(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isSymbolicLink()) yield path
    else if (entry.isDirectory()) yield* linksIn(path)
  }
}

describe('an older build', () => {
  it('that the history does not hold is missing, and says why; nothing is made', async () => {
    const cache = temporaryFolder(onTestFinished)
    const build = await buildOf('0'.repeat(40), cache)
    expect(build).toEqual({ kind: 'missing', why: 'this clone does not reach back to 0000000' })
    expect(readdirSync(cache)).toEqual([])
  })

  it.each(OLDER_BUILDS.map(({ commit }) => [commit]))(
    '%s has no link that leads out of its folder',
    async (commit) => {
      const build = await buildOf(commit, cacheFolder(process.env))
      if (build.kind === 'missing') return
      const root = realpathSync(build.dir)
      const links = [...linksIn(root)]
      expect(links.length).toBeGreaterThan(10)
      const out = links.filter((path) => !realpathSync(path).startsWith(`${root}/`))
      expect(out).toEqual([])
      expect(lstatSync(root).isSymbolicLink()).toBe(false)
    },
  )
})
