import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf, published, root, sourcesIn, workspace } from './workspace.ts'

/** Who may import whom: a published package that is not named here may not exist. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  agents: [],
  machine: [],
  'process-identity': [],
  protocol: [],
  'restart-policy': [],
  'sd-notify': ['machine'],
  pidfile: ['process-identity'],
  health: ['machine', 'process-identity'],
  'supervisor-watchdog': ['machine'],
  'reconnecting-ws': ['machine'],
  'session-client': ['machine', 'protocol', 'reconnecting-ws'],
  'terminal-state': ['machine'],
  'pty-session': ['machine', 'process-identity', 'protocol', 'terminal-state'],
  'process-manager': ['machine', 'restart-policy', 'health', 'pidfile', 'process-identity'],
}

/** These also run where there is no Node. */
const forBrowsersToo = ['machine', 'protocol', 'reconnecting-ws', 'session-client']

const OURS = /^@conductor\/([^/]+)/
const apps = workspace.filter(({ group }) => group === 'apps').map(({ name }) => name)
const ours = (names: Iterable<string>): string[] =>
  [...names].flatMap((name) => OURS.exec(name)?.[1] ?? [])

describe.each(published)('@conductor/%s', (name, { dir, manifest }) => {
  const sources = sourcesIn(join(dir, 'src'))

  it('declares no dependency on a package of ours that it may not have', () => {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest
    const declared = ours(
      Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }),
    )
    expect(Object.keys(allowed)).toContain(name)
    expect(declared.filter((each) => !allowed[name]?.includes(each))).toEqual([])
  })

  it('imports only what it declares', () => {
    const declared = [name, ...ours(Object.keys(manifest.dependencies ?? {}))]
    const wrong = sources
      .filter(({ isTest }) => !isTest)
      .flatMap((source) => ours(importsOf(source)).map((each) => ({ each, path: source.path })))
      .filter(({ each }) => !declared.includes(each))
    expect(wrong).toEqual([])
  })

  it('reaches into no other package, and out of no folder of its own', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter((each) => each.startsWith('.'))
        .map((each) => join(root, source.path, '..', each))
        .filter((target) => !target.startsWith(`${dir}/`))
        .map((target) => `${source.path}: ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

it.each(published.filter(([name]) => forBrowsersToo.includes(name)))(
  '@conductor/%s needs nothing that only Node has',
  (_, { dir }) => {
    const wrong = sourcesIn(join(dir, 'src'))
      .filter(({ isTest }) => !isTest)
      .filter((source) => importsOf(source).some((each) => each.startsWith('node:')))
      .map(({ path }) => path)
    expect(wrong).toEqual([])
  },
)

describe('the whole', () => {
  it('has no package that knows an app, not even in its tests', () => {
    const wrong = workspace
      .filter(({ group }) => group === 'packages')
      .flatMap(({ dir, name, manifest }) => {
        const declared = { ...manifest.dependencies, ...manifest.devDependencies }
        const imported = sourcesIn(dir).flatMap(importsOf)
        return ours([...Object.keys(declared), ...imported])
          .filter((each) => apps.includes(each))
          .map((each) => `${name} -> ${each}`)
      })
    expect(wrong).toEqual([])
  })

  it('notices an import in every form', () => {
    const text = [
      `import { a } from 'one'`,
      `export type { B } from "two"`,
      `import 'three'`,
      `const c = await import('four')`,
      ` * import { no } from 'five'`,
      `import {\n  d,\n} from 'six'`,
    ].join('\n')
    expect(importsOf({ path: '', text, isTest: false })).toEqual([
      'one',
      'two',
      'three',
      'four',
      'six',
    ])
  })
})
