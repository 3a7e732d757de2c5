import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@conductor/testing'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { examplesIn } from './examples.ts'
import { published, root } from './workspace.ts'

// What a stranger gets from the registry: packed, checked, installed by npm, imported and required.

const execute = promisify(execFile)

/** npm compiles node-pty, in milliseconds. */
const INSTALL_TIMEOUT_MS = 240_000

/** Examples that need no server, and end by themselves: what they print. */
const RUNNABLE: [name: string, said: RegExp][] = [
  ['restart-policy', /^again in \d+ ms: mode:on-failure/],
  ['pidfile', /^ours, by (flock|sqlite)\nabsent/],
  ['health', /^fail\n[\s\S]*HEALTHY[\s\S]*unknown 0/],
  ['supervisor-watchdog', /fired[\s\S]*closed/],
  ['terminal-state', /^title 0 12\nfor the pty: .*1;4R[\s\S]*from 24 on\n/],
  ['process-manager', /^\d+ it runs\nready\n/],
]

let tarballs = ''
let project = ''

async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await execute(file, args, { cwd, env: { ...process.env, NO_COLOR: '1' } })
    return stdout
  } catch (error) {
    // Node's message is only the command; what the command said is in its output.
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${file} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error })
  }
}

function tarballOf(name: string): string {
  const file = readdirSync(tarballs).find(
    (each) => /^conductor-(.*)-\d+\.\d+\.\d+/.exec(each)?.[1] === name,
  )
  if (!file) throw new Error(`${name} was not packed`)
  return join(tarballs, file)
}

beforeAll(async () => {
  tarballs = temporaryFolder(afterAll)
  project = temporaryFolder(afterAll)
  const missing = published.filter(([, { dir }]) => !existsSync(join(dir, 'dist/index.js')))
  if (missing.length > 0)
    throw new Error(`npm run build first: ${missing.map(([name]) => name).join(', ')}`)
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const filters = published.flatMap(([, { manifest }]) => ['--filter', manifest.name])
  await run(
    'npx',
    [
      '--yes',
      '--prefer-offline',
      packageManager,
      '-r',
      ...filters,
      'pack',
      '--pack-destination',
      tarballs,
    ],
    root,
  )
  const dependencies = Object.fromEntries(
    published.map(([name, { manifest }]) => [manifest.name, `file:${tarballOf(name)}`]),
  )
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies,
      overrides: dependencies,
      allowScripts: { 'node-pty': true },
    }),
  )
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], project)
}, INSTALL_TIMEOUT_MS)

describe.each(published)('@conductor/%s, packed', (name, { manifest }) => {
  it('satisfies publint', async () => {
    await run(join(root, 'node_modules/.bin/publint'), ['run', tarballOf(name), '--strict'], root)
  })

  it('has types that resolve for import and for require', async () => {
    const attw = join(root, 'node_modules/.bin/attw')
    await run(attw, [tarballOf(name), '--profile', 'node16'], root)
  })

  it('gives an ES module and a CommonJS one the same names', async () => {
    const names = `Object.keys(it).filter((key) => key !== 'default').sort().join()`
    const [imported, required] = await Promise.all([
      node(
        '--input-type=module',
        `const it = await import('${manifest.name}'); console.log(${names})`,
      ),
      node(
        '--input-type=commonjs',
        `const it = require('${manifest.name}'); console.log(${names})`,
      ),
    ])
    expect(imported).not.toBe('')
    expect(required).toBe(imported)
  })
})

it.each([
  ['an ES module', '--input-type=module', `const pty = await import('@conductor/pty-session')`],
  ['a CommonJS one', '--input-type=commonjs', `const pty = require('@conductor/pty-session')`],
])(
  '@conductor/pty-session runs a program in a host, installed by npm, from %s',
  async (_, type, load) => {
    const dir = temporaryFolder(onTestFinished)
    const said = await node(
      type,
      `${load}
    async function main() {
      const host = await pty.spawnSessionHost({ dir: ${JSON.stringify(join(dir, 'host'))} })
      const session = await host.create({
        id: 'packed',
        logDir: ${JSON.stringify(join(dir, 'log'))},
        command: '/bin/sh',
        args: ['-c', 'printf hello'],
        env: { PATH: process.env.PATH },
      })
      const exit = await new Promise((resolve) => {
        const look = () => session.state.name === 'exited' && resolve(session.state.exit)
        session.subscribe(look)
        look()
      })
      const { buffer, start, end } = session.log.read(0)
      console.log(buffer.toString('utf8', start, end), exit.code, exit.offset)
      session.close()
      host.close()
    }
    main()`,
    )
    expect(said).toBe('hello 0 5')
  },
)

/** The versions that are supported beside the one that runs this, by their npm packages. */
const OTHER_NODES = ['20', '22', '24', '26'].filter(
  (major) => !process.version.startsWith(`v${major}.`),
)

/** npm fetches them. */
const NODE_TIMEOUT_MS = 180_000

describe.each(OTHER_NODES)('on Node %s', (major) => {
  let program = ''

  beforeAll(async () => {
    const dir = temporaryFolder(afterAll)
    const args = ['install', '--prefix', dir, '--no-audit', '--no-fund', '--prefer-offline']
    await run('npm', [...args, `node@${major}`], dir)
    program = join(dir, 'node_modules/node/bin/node')
  }, NODE_TIMEOUT_MS)

  it.each(['module', 'commonjs'])('every package can be loaded from %s', async (type) => {
    const names = published.map(([, { manifest }]) => manifest.name)
    const load = type === 'module' ? 'await import(name)' : 'require(name)'
    const script = `for (const name of ${JSON.stringify(names)})
      if (Object.keys(${load}).length === 0) throw new Error(name + ' has no exports')
    console.log(process.version)`
    const said = await run(program, [`--input-type=${type}`, '--eval', script], project)
    expect(said).toMatch(new RegExp(`^v${major}\\.`))
  })

  it.each(RUNNABLE)('the example of @conductor/%s runs as written', async (name, said) => {
    expect(await runExample(program, name)).toMatch(said)
  })
})

it.each(RUNNABLE)('the example of @conductor/%s runs as written', async (name, said) => {
  expect(await runExample(process.execPath, name)).toMatch(said)
})

/** Runs the example of a README in a folder of its own, and returns what it printed. */
async function runExample(program: string, name: string): Promise<string> {
  const [, { dir }] = published.find(([each]) => each === name) ?? ['', { dir: '' }]
  const folder = temporaryFolder(onTestFinished)
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  const { code } = await transform(examplesIn(dir).join('\n'), { loader: 'ts', format: 'esm' })
  const file = join(folder, 'example.mjs')
  writeFileSync(file, code)
  return await run(program, [file], folder)
}

/** Runs a script in the project that has the packages installed; returns what it printed. */
async function node(type: string, script: string): Promise<string> {
  return (await run(process.execPath, [type, '--eval', script], project)).trim()
}
