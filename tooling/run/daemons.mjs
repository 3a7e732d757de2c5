import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { run, say } from './command.mjs'
import { inPath } from './install.mjs'

/** What the tests of `tooling/daemons`, of `tooling/monitoring`, of the server and of sessions in tmux start, and the packages of Debian that have it. */
const PACKAGES = [
  { binary: 'redis-server', name: 'redis-server' },
  { binary: 'nginx', name: 'nginx-light' },
  { binary: 'postgres', name: 'postgresql' },
  { binary: 'python3', name: 'python3' },
  { binary: 'systemd-nspawn', name: 'systemd-container' },
  { binary: 'supervisord', name: 'supervisor' },
  { binary: 'tmux', name: 'tmux' },
  { binary: 'prometheus', name: 'prometheus' },
  { binary: 'caddy', name: 'caddy' },
  { binary: 'openssl', name: 'openssl' },
  { binary: 'faketime', name: 'faketime' },
  { binary: 'tini', name: 'tini' },
]

const POSTGRES = '/usr/lib/postgresql'

/** Asked by Debian's packages before they start a service: 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Installs the daemons that are missing, if that can be done here. What is still missing afterwards
 * is told: the tests that need it are skipped.
 */
export async function installDaemons() {
  if (process.env.CONDUCTOR_SKIP_DAEMONS === '1' || process.platform !== 'linux') return
  const names = missing().map(({ name }) => name)
  if (names.length === 0) return
  const why = await install(names)
  const left = missing().map(({ binary }) => binary)
  if (left.length > 0) say(`Tests that need ${left.join(', ')} are skipped: ${why}`)
}

/** @returns why something may be missing still */
async function install(names) {
  if (process.getuid?.() !== 0 || !inPath('apt-get'))
    return `install ${names.join(', ')}, or run the tests as root on Debian or Ubuntu`
  say(`Installing ${names.join(', ')} for the tests with real daemons (once) ...`)
  const isOurs = forbidServices()
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    const get = ['install', '-y', '--no-install-recommends', ...names]
    const first = await run('apt-get', get, { env })
    if (first.code === 0) return ''
    // A list that is missing or too old.
    const update = await run('apt-get', ['update'], { env })
    const second = await run('apt-get', get, { env })
    return `${update.output}${second.output}`.trim().split('\n').slice(-5).join('\n')
  } finally {
    if (isOurs) rmSync(POLICY, { force: true })
  }
}

/** Only the tests start them. @returns whether the file is ours to remove */
function forbidServices() {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 })
    return true
  } catch {
    return false
  }
}

function missing() {
  return PACKAGES.filter(
    ({ binary }) =>
      ![inPath(binary), `/usr/sbin/${binary}`, `/usr/bin/${binary}`, ...versions(binary)].some(
        (path) => path && existsSync(path),
      ),
  )
}

/** Of PostgreSQL, Debian keeps each version in a folder that is in nobody's `PATH`. */
function versions(binary) {
  if (!existsSync(POSTGRES)) return []
  return readdirSync(POSTGRES).map((version) => `${POSTGRES}/${version}/bin/${binary}`)
}
