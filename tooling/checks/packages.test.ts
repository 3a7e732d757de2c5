import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { published, root } from './workspace.ts'

const rootLicense = readFileSync(join(root, 'LICENSE'), 'utf8')

/** Rule 16 of the house: a reader finds the same rooms in every package. */
const SECTIONS = ['Install', 'Use', 'Promises', 'Limits']

describe.each(published)('@conductor/%s', (name, { dir, manifest }) => {
  it('says who it is and what it needs', () => {
    expect(manifest).toMatchObject({
      name: `@conductor/${name}`,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      description: expect.stringMatching(/^.{20,}\.$/),
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      repository: { type: 'git', directory: `packages/${name}` },
    })
  })

  it('can be imported, required, and read from source by the workspace', () => {
    expect(manifest.exports).toMatchObject({
      '.': {
        '@conductor/source': './src/index.ts',
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
      './package.json': './package.json',
    })
  })

  it('ships its sources without their tests', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts']))
  })

  it('carries the licence', () => {
    expect(readFileSync(join(dir, 'LICENSE'), 'utf8')).toBe(rootLicense)
  })

  it('has a README with the rooms a reader looks for', () => {
    const readme = join(dir, 'README.md')
    expect(existsSync(readme)).toBe(true)
    const headings = [...readFileSync(readme, 'utf8').matchAll(/^## (.+)$/gm)].map(([, h]) => h)
    expect(headings).toEqual(expect.arrayContaining(SECTIONS))
  })

  it('has tests', () => {
    expect(manifest.scripts).toMatchObject({ test: expect.stringContaining('vitest run') })
  })
})
