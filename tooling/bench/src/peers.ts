import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Candidate } from './candidate.ts'
import { findProgram } from './find-program.ts'
import type { Address } from './terminal-client.ts'

/** How a peer is started for one command, and where its terminal then is. */
interface Recipe {
  readonly name: 'ttyd' | 'gotty' | 'wetty'
  args(port: number, command: readonly string[], dir: string): string[]
  readonly path: string
}

const RECIPES: readonly Recipe[] = [
  {
    name: 'ttyd',
    args: (port, command) => ['-W', '-i', '127.0.0.1', '-p', String(port), ...command],
    path: '/ws',
  },
  {
    name: 'gotty',
    args: (port, command) => ['-w', '-a', '127.0.0.1', '-p', String(port), ...command],
    path: '/ws',
  },
  {
    name: 'wetty',
    args: (port, command, dir) => [
      '--base',
      '/',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--command',
      script(dir, port, command),
    ],
    path: '/socket.io/?EIO=4&transport=websocket',
  },
]

export interface Peers {
  readonly candidates: readonly Candidate[]
  /** `tmux` and `dtach`, where they are. */
  readonly holders: ReadonlyMap<string, string>
  readonly absent: readonly string[]
}

/** Looks for the programs we compare ourselves with. `given` names paths; the rest is looked up. */
export function findPeers(given: ReadonlyMap<string, string>, dir: string): Peers {
  const absent: string[] = []
  const find = (name: string): string | undefined => {
    const path = given.get(name) ?? findProgram(name, process.env['PATH']?.split(delimiter))
    if (!path) absent.push(name)
    return path
  }
  const candidates = RECIPES.flatMap((recipe) => {
    const path = find(recipe.name)
    return path ? [peer(recipe, path, dir)] : []
  })
  const holders = new Map<string, string>()
  for (const name of ['tmux', 'dtach']) {
    const path = find(name)
    if (path) holders.set(name, path)
  }
  return { candidates, holders, absent }
}

/** Installs wetty with npm into `dir`; its program's path. */
export function installWetty(dir: string): string {
  mkdirSync(dir, { recursive: true })
  // npm asks before it builds anything, and node-pty has to be built.
  const manifest = { private: true, allowScripts: { 'node-pty': true } }
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', dir, 'wetty@3'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(dir, 'node_modules/.bin/wetty')
}

function peer({ name, args, path }: Recipe, program: string, dir: string): Candidate {
  return {
    name,
    label: name,
    async open(command) {
      const port = await freePort()
      const child = spawn(program, args(port, command, dir), { stdio: 'ignore', detached: true })
      await listening(child, port)
      const address: Address = { port, path, dialect: name, headers: originOf(name, port) }
      return {
        address,
        pids: () => (child.pid === undefined ? [] : [child.pid]),
        async close() {
          if (child.pid !== undefined) endGroup(child.pid)
        },
      }
    },
  }
}

/** gotty compares Origin and Host. */
function originOf(name: string, port: number): readonly string[] {
  return name === 'gotty' ? [`Origin: http://127.0.0.1:${port}`] : []
}

/** wetty runs one program without arguments. */
function script(dir: string, port: number, command: readonly string[]): string {
  const path = join(dir, `command-${port}`)
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
  writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')}\n`)
  chmodSync(path, 0o700)
  return path
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`)
    if (await canConnect(port)) return
    await sleep(20)
  }
  throw new Error(`${child.spawnfile} does not listen`)
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
