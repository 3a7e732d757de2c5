import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  identifyProcess,
  identifySelf,
  type ProcessIdentity,
  processState,
  signalProcess,
} from './process-identity.ts'
import { systemReaders } from './readers.ts'

/** Starts a program that ends with its test, and waits until it is that program. */
async function start(command: string, args: readonly string[] = []): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child
}

function identified(child: ChildProcess): ProcessIdentity {
  const identity = identifyProcess(child.pid ?? 0)
  if (!identity) throw new Error(`pid ${child.pid} is not there`)
  return identity
}

const isMac = process.platform === 'darwin'

describe('real processes', () => {
  it('we ourselves are alive, and the same whenever we ask', () => {
    expect(processState(identifySelf())).toBe('alive')
    expect(identifySelf()).toEqual(identifyProcess(process.pid))
    expect(identifySelf().bootId).not.toBe('')
  })

  it('a child is alive until it ends', async () => {
    const child = await start('sleep', ['1000'])
    const identity = identified(child)
    expect(processState(identity)).toBe('alive')
    expect(signalProcess(identity, 'SIGTERM')).toBe('sent')
    await once(child, 'exit')
    expect(processState(identity)).toBe('dead')
    expect(signalProcess(identity, 'SIGTERM')).toBe('gone')
  })

  it('a stopped child is alive', async () => {
    const child = await start('sleep', ['1000'])
    child.kill('SIGSTOP')
    expect(processState(identified(child))).toBe('alive')
  })

  it('a zombie is dead, though kill(pid, 0) finds it', async () => {
    // The shell becomes a program that never waits for the child it has inherited.
    const parent = await start('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'])
    const [line] = (await once(parent.stdout ?? parent, 'data')) as [Buffer]
    const pid = Number(String(line))
    const identity = identifyProcess(pid)
    if (!identity) throw new Error('not there')
    expect(processState(identity)).toBe('alive')
    // Only once the parent is `sleep`: the shell itself would wait for its child.
    await until(() => isMac || readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
    process.kill(pid, 'SIGKILL')
    await until(() => processState(identity) === 'dead')
    process.kill(pid, 0)
    expect(signalProcess(identity, 'SIGTERM')).toBe('gone')
  })

  it('a process that has the pid of another one is not taken for it, nor signalled', async () => {
    const child = await start('sleep', ['1000'])
    const other = { ...identified(child), startTime: '12' }
    expect(processState(other)).toBe('dead')
    expect(signalProcess(other, 'SIGKILL')).toBe('gone')
    expect(processState(identified(child))).toBe('alive')
  })

  it('a name full of spaces and parentheses changes nothing', async () => {
    const program = join(temporaryFolder(onTestFinished), 'a) Z 1 (b c')
    copyFileSync('/bin/sleep', program)
    const child = await start(program, ['1000'])
    const identity = identified(child)
    expect(identity.startTime).toMatch(isMac ? /\d{4}$/ : /^\d{3,}$/)
    expect(processState(identity)).toBe('alive')
  })

  it('a process of somebody else is alive, and refuses our signals', async () => {
    // A child without rights: in it, this package as plain JavaScript, and the first process as target.
    const folder = temporaryFolder(onTestFinished)
    const here = new URL('.', import.meta.url).pathname
    for (const name of readdirSync(here).filter((each) => !each.includes('.test.'))) {
      const { outputText } = ts.transpileModule(readFileSync(join(here, name), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
        },
      })
      writeFileSync(join(folder, name.replace('.ts', '.js')), outputText)
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(
      join(folder, 'ask.js'),
      `import { identifyProcess, processState, signalProcess } from './process-identity.js'
      if (process.getuid() === 0) process.setuid(65534)
      const first = identifyProcess(1)
      console.log(JSON.stringify([processState(first), signalProcess(first, 'SIGWINCH')]))`,
    )
    const child = await start(process.execPath, [join(folder, 'ask.js')])
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
    })
    await once(child, 'close')
    expect(JSON.parse(said)).toEqual(['alive', 'refused'])
  })

  it.skipIf(process.platform !== 'linux')(
    'a list that the kernel hands out in pieces is read whole',
    async () => {
      // What is mapped into it: longer than a page, and the same as long as it is stopped.
      const child = await start(process.execPath, [
        '-e',
        'process.kill(process.pid, "SIGSTOP"); setInterval(() => {}, 1000)',
      ])
      const path = `/proc/${child.pid}/maps`
      await until(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '))
      expect(readFileSync(path, 'utf8').length).toBeGreaterThan(4_096)
      expect(systemReaders.readText(path)).toBe(readFileSync(path, 'utf8'))
    },
  )
})
