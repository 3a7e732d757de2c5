import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { giveUp, pnpm, root, say } from './command.mjs'

const STAMP = join(root, 'node_modules', '.conductor-installed')

/** What node-pty's build calls, each under one of its names. It has prebuilt binaries for the other systems. */
const BUILD_TOOLS = [
  { what: 'a C++ compiler', names: ['c++', 'g++', 'clang++'] },
  { what: 'make', names: ['make', 'gmake'] },
  { what: 'Python 3', names: ['python3', 'python'] },
]

/** Installs what the lockfile names. Does nothing when this very lockfile and Node were installed before. */
export async function install() {
  const wanted = stamp()
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  requireBuildTools()
  say('Installing dependencies (once; a minute or two) ...')
  const { code, output } = await pnpm(['install', '--frozen-lockfile'])
  if (code !== 0) giveUp(`${output}\nThe dependencies could not be installed.`)
  writeFileSync(STAMP, wanted)
}

function stamp() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(root, file)))
  return `${hash.digest('hex')} ${process.version} ${process.platform} ${process.arch}\n`
}

function requireBuildTools() {
  if (process.platform !== 'linux') return
  const missing = BUILD_TOOLS.filter(({ names }) => !names.some(inPath)).map(({ what }) => what)
  if (missing.length === 0) return
  giveUp(
    `Conductor compiles node-pty and misses ${missing.join(', ')}: ` +
      'on Debian and Ubuntu, apt-get install -y build-essential python3',
  )
}

/** @param {string} name */
export function inPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}
