import { dirname, join } from 'node:path'
import { renderBytes } from '../render/units.ts'
import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

/** What lets whoever can read it in, or speak for the server. */
const PRIVATE_FILES = ['password', 'cli-token', 'tokens.json', 'running.json', 'server.log']

/** That the folder is this user's alone. */
export function checkFolder({ stat, uid }: Readers, stateDir: string): Finding {
  const { pass, warn, fail } = findings('state folder')
  const found = stat(stateDir)
  if (!found) return warn(`${stateDir} is not there yet; the first start makes it`)
  if (!found.isFolder) return fail(`${stateDir} is no folder; name another with --state-dir`)
  if (uid >= 0 && found.uid !== uid)
    return fail(
      `${stateDir} belongs to user ${found.uid}, and you are ${uid}; run: sudo chown -R ${uid} ${stateDir}`,
    )
  if ((found.mode & 0o700) !== 0o700)
    return fail(`${stateDir} cannot be written to; run: chmod 700 ${stateDir}`)
  for (const name of PRIVATE_FILES) {
    const file = stat(join(stateDir, name))
    if (file && (file.mode & 0o077) !== 0)
      return fail(
        `${join(stateDir, name)} is open to others; run: chmod 600 ${join(stateDir, name)}`,
      )
  }
  if ((found.mode & 0o022) !== 0)
    return fail(`others can write to ${stateDir}; run: chmod 700 ${stateDir}`)
  if ((found.mode & 0o077) !== 0)
    return warn(`others can look into ${stateDir}; run: chmod 700 ${stateDir}`)
  return pass(`${stateDir}, for you alone`)
}

const LITTLE_BYTES = 1024 ** 3
const HARDLY_ANY_BYTES = 100 * 1024 ** 2
const HARDLY_ANY_FILES = 0.01

/** Histories and logs grow to a cap each, and a full disk stops them all. */
export function checkDisk(readers: Readers, stateDir: string): Finding {
  const { pass, warn, fail } = findings('disk')
  const disk = readers.disk(nearest(readers, stateDir))
  if (!disk) return warn(`nothing can be told about the disk of ${stateDir}`)
  const free = `${renderBytes(disk.freeBytes)} free`
  if (disk.freeBytes < HARDLY_ANY_BYTES) return fail(`only ${free}; make room`)
  if (disk.freeFiles < HARDLY_ANY_FILES) return fail(`${free}, but hardly a file can be made`)
  if (disk.freeBytes < LITTLE_BYTES) return warn(`only ${free}; make room`)
  return pass(free)
}

/** The folder itself, or the first above it that is there. */
function nearest({ stat }: Readers, dir: string): string {
  for (let at = dir; ; at = dirname(at)) if (stat(at) || at === dirname(at)) return at
}

/** `sun_path` has room for 108 bytes on Linux and 104 on BSD and macOS, one of them for the end. */
const longestSocketBytes = (platform: string) => (platform === 'linux' ? 107 : 103)

/** The socket of a session's host, under the longer name that it has while it is bound. */
const HOST_SOCKET = '/123456789abc/host.sock.1234567'
/** Those that cannot be put elsewhere, of this server and its daemons. */
const SUPERVISE_SOCKET = '/supervise.sock'
const daemonSocket = (name: string) => `/processes/${name}/daemon.sock`
/** Shorter, and a name of a daemon may not fit, in bytes. */
const USUAL_NAME_BYTES = 24

export function checkSocketPaths(
  { platform }: Readers,
  { stateDir, dataDir }: { readonly stateDir: string; readonly dataDir: string },
): Finding {
  const { pass, warn, fail } = findings('socket paths')
  const longest = longestSocketBytes(platform)
  const over = (path: string) => Buffer.byteLength(path) - longest
  const shorter = 'choose a shorter --state-dir'
  const supervise = stateDir + SUPERVISE_SOCKET
  if (over(supervise) > 0)
    return fail(`${supervise} is ${over(supervise)} bytes too long for a socket; ${shorter}`)
  const nameBytes = -over(stateDir + daemonSocket(''))
  if (nameBytes < 1) return fail(`no process can have a socket below ${stateDir}; ${shorter}`)
  if (over(dataDir + HOST_SOCKET) > 0)
    return warn(
      `sockets of sessions do not fit below ${dataDir} and go to XDG_RUNTIME_DIR or the temporary folder; ${shorter}`,
    )
  if (nameBytes < USUAL_NAME_BYTES)
    return warn(`names of processes with a socket have room for ${nameBytes} bytes; ${shorter}`)
  return pass(`they fit below ${stateDir}`)
}
