import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@conductor/testing'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openProcessLog } from './process-log.ts'
import type { RotationStep } from './rotate-log.ts'
import type { Rotation } from './shrink-file.ts'
import { firstWrongByte, memoryFolder, readAll, startWriter } from './testing/log-writer.ts'

const MIB = 1024 * 1024
/** Enough files for all that is written, so that nothing wrong can be rotated out of sight. */
const OPTIONS = { maxBytes: MIB, files: 8 }
const here = dirname(fileURLToPath(import.meta.url))

/** A manager that kills itself as soon as a rotation has done a step for the second time. */
const MANAGER = `
import { openProcessLog } from './logs/process-log.js'
const [folder, step, rotation] = process.argv.slice(2)
let left = 2
openProcessLog({
  folder, ...${JSON.stringify(OPTIONS)}, rotation,
  onTrouble: (error) => { console.error(error); process.exit(1) },
  onStep: (done) => { if (done === step && --left === 0) process.kill(process.pid, 'SIGKILL') },
})
process.stdout.write('up')
`

let program: string

beforeAll(() => {
  const folder = temporaryFolder(afterAll)
  const machine = join(folder, 'node_modules/@conductor/machine')
  transpile(join(here, '../../../machine/src'), machine)
  writeFileSync(join(machine, 'package.json'), '{"type":"module","exports":"./index.js"}')
  transpile(here, join(folder, 'logs'))
  transpile(join(here, '..'), folder)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  program = join(folder, 'manager.js')
  writeFileSync(program, MANAGER)
})

/** The sources of one folder as a Node that knows no types can run them. */
function transpile(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const { outputText } = ts.transpileModule(readFileSync(join(from, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    })
    writeFileSync(join(to, name.replace(/\.ts$/, '.js')), outputText)
  }
}

async function startManager(
  folder: string,
  step: RotationStep,
  rotation: Rotation,
): Promise<ChildProcess> {
  const manager = spawn(process.execPath, [program, folder, step, rotation], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void manager.kill('SIGKILL'))
  await once(manager.stdout ?? manager, 'data')
  return manager
}

const steps: Readonly<Record<Rotation, readonly RotationStep[]>> = {
  collapse: ['copied', 'marked', 'noted', 'removed', 'settled', 'pruned'],
  punch: ['copied', 'noted', 'removed', 'settled', 'pruned'],
  truncate: ['copied', 'marked', 'noted', 'removed', 'settled', 'pruned'],
}

const folders: Readonly<Record<Rotation, () => string | undefined>> = {
  collapse: () => join(temporaryFolder(onTestFinished), 'web'),
  punch: () => memoryFolder(onTestFinished),
  truncate: () => join(temporaryFolder(onTestFinished), 'web'),
}

describe('a manager that is killed', () => {
  const cases = (['collapse', 'punch', 'truncate'] as const).flatMap((rotation) =>
    steps[rotation].map((step) => ({ rotation, step })),
  )
  it.for(cases)(
    'in its second $rotation, when it has $step, loses and repeats nothing',
    async ({ rotation, step }, { skip }) => {
      const folder = folders[rotation]()
      if (!folder) return skip()
      const totalBytes = 6 * MIB
      const manager = await startManager(folder, step, rotation)
      const ended = once(manager, 'exit')
      const first = openAppend(folder)
      // A cut may lose what is written at that very moment; pauses between writes make it unlikely.
      // After the kill it has ended before the next manager cuts.
      const isLossless = rotation !== 'truncate'
      const writer = startWriter(first, onTestFinished, {
        totalBytes: isLossless ? totalBytes : 5 * MIB,
        pauseMs: 4,
      })
      await ended
      expect(manager.signalCode).toBe('SIGKILL')
      if (!isLossless) await once(writer, 'exit')

      const log = openProcessLog({ folder, rotation, ...OPTIONS })
      onTestFinished(() => log.close())
      if (isLossless) await until(() => writer.exitCode === 0, { timeoutMs: 15_000 })
      const written = isLossless ? totalBytes : 5 * MIB
      await until(() => log.size().endOffset === written, { what: 'all is there' })
      await until(() => statSync(log.path).blocks * 512 <= MIB + 64 * 1024)
      const { offset, bytes } = readAll(log)
      expect(offset).toBe(0)
      expect(bytes.length).toBe(written)
      expect(firstWrongByte(0, bytes)).toBe(-1)
      await log.close()
    },
  )
})

/** As a daemon of an earlier manager has it. */
function openAppend(folder: string): { fd: number } {
  const fd = openSync(join(folder, 'daemon.log'), 'a')
  onTestFinished(() => closeSync(fd))
  return { fd }
}
