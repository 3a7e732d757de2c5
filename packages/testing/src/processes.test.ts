import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  binary,
  bundle,
  freePort,
  isAlive,
  managerInTest,
  processesIn,
  signalAll,
  temporaryFolder,
  titled,
  until,
  whyMissing,
} from './index.ts'

const onLinux = { skip: process.platform !== 'linux' }

describe('bundle', () => {
  it('makes a program that every Node runs, and takes it away again', () => {
    const source = join(temporaryFolder(onTestFinished), 'program.ts')
    writeFileSync(source, 'const said: string = "hello"\nconsole.log(said satisfies string)\n')
    let remove = () => {}
    const program = bundle(pathToFileURL(source), (end) => {
      remove = end
    })
    expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('hello\n')
    remove()
    expect(existsSync(program)).toBe(false)
  })
})

describe('isAlive', () => {
  it('is so until the end, and not of a zombie', onLinux, async () => {
    // Its child has ended when it says so, and is waited for by nobody.
    const parent = spawn('/bin/sh', ['-c', 'true & echo $!; exec sleep 1000'])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [zombie] = await once(parent.stdout, 'data')
    await until(() => !isAlive(Number(zombie)))
    expect(isAlive(parent.pid ?? 0)).toBe(true)
    parent.kill('SIGKILL')
    await once(parent, 'close')
    expect(isAlive(parent.pid ?? 0)).toBe(false)
  })
})

describe('processesIn', () => {
  it('finds who works in a folder or below it, to be signalled', onLinux, async () => {
    const folder = temporaryFolder(onTestFinished)
    const child = spawn('sleep', ['1000'], { cwd: folder })
    const gone = once(child, 'exit')
    await until(() => processesIn(folder).length === 1)
    expect(processesIn(join(folder, 'other'))).toEqual([])
    expect(processesIn(folder)).toEqual([child.pid])
    signalAll([...processesIn(folder), 2 ** 30], 'SIGKILL')
    expect(await gone).toEqual([null, 'SIGKILL'])
  })
})

describe('freePort', () => {
  it('is free, and another one each time', async () => {
    const port = await freePort()
    expect(await freePort()).not.toBe(port)
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('installed programs', () => {
  it('are found, or it is said what is missing', onLinux, () => {
    expect(binary('sh')).toMatch(/^\/.*\/sh$/)
    expect(() => binary('no-such-program')).toThrow('no-such-program is not installed')
    expect(titled('suite', undefined)).toBe('suite')
    const why = whyMissing('sh', 'no-such-program')
    expect(titled('suite', why)).toMatch(/^suite \(skipped: .+\)$/)
  })
})

describe('managerInTest', () => {
  it('waits for phases and pids, and ends with its test', async () => {
    const done: string[] = []
    let info = { phase: 'starting', pid: 1 }
    let end = async () => {}
    const { pid, phase, anotherPid } = managerInTest(
      {
        getPid: (name) => (name === 'a' ? info.pid : undefined),
        getProcessInfo: () => info,
        stopAllProcesses: () => Promise.reject(new Error(`${done.push('stopped')} will not go`)),
        close: async () => void done.push('closed'),
      },
      {
        atTheEnd: (given) => {
          end = given
        },
        patienceMs: 1_000,
      },
    )
    expect(pid('a')).toBe(1)
    expect(() => pid('b')).toThrow('b does not run')
    const later = anotherPid('a', 1)
    info = { phase: 'running', pid: 2 }
    await phase('a', 'running')
    expect(await later).toBe(2)
    await end()
    expect(done).toEqual(['stopped', 'closed'])
  })
})
