import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: the root's; only tests import this file
import ts from 'typescript'
// biome-ignore lint/correctness/noUndeclaredDependencies: the root's; only tests import this file
import { onTestFinished } from 'vitest'
import { shimCommand } from '../shim-command.ts'

const here = new URL('..', import.meta.url).pathname

/** Node 20 reads no TypeScript: a folder of sources, as JavaScript, without its tests. */
function transpile(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name === 'testing' || entry.name.includes('.test.')) continue
    if (entry.isDirectory()) transpile(join(from, entry.name), join(to, entry.name))
    else {
      const { outputText } = ts.transpileModule(readFileSync(join(from, entry.name), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
        },
      })
      writeFileSync(join(to, entry.name.replace('.ts', '.js')), outputText)
    }
  }
}

/** This package as a folder that plain Node can import, with the machine beside it. */
function plainPackage(): string {
  const folder = temporaryFolder(onTestFinished)
  const machine = join(folder, 'node_modules/@conductor/machine')
  transpile(here, folder)
  transpile(join(here, '../node_modules/@conductor/machine/src'), machine)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(machine, 'package.json'), '{"type":"module","exports":"./index.js"}')
  return folder
}

export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  /** What it printed, once it has ended. */
  output(): Promise<string>
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>
  /** What `ExecStart=` would be (default: Node, behind the shim). */
  readonly wrap?: ((command: readonly string[]) => readonly string[]) | undefined
}

/** Runs a service: an ES module that may import all of this package from `sd`. It ends with its test. */
export function runService(code: string, options: ProgramOptions): Program {
  const { env, wrap = shimCommand } = options
  const folder = plainPackage()
  writeFileSync(join(folder, 'service.js'), `import * as sd from './index.js'\n${code}`)
  const [command = '', ...args] = wrap([process.execPath, join(folder, 'service.js')])
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const closed = once(child, 'close')
  return {
    child,
    pid: child.pid ?? 0,
    async output() {
      await closed
      return said
    },
  }
}
