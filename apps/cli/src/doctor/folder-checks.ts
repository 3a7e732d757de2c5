import { dirname, join } from 'node:path'
import { renderBytes } from '../render/units.ts'
import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

/** What lets whoever can read it in, or speak for the server. */
const PRIVATE_FILES = ['password', 'cli-token', 'tokens.json', 'running.json', 'server.log']

/** That folders and files are this user's alone. */
export function checkFolder(
  { stat, uid }: Readers,
  stateDir: string,
  dataDir: string = join(stateDir, 'sessions'),
): Finding {
  const { pass, warn, fail } = findings('state folder')
  const unusable = 'the server cannot keep anything there, and does not start'
  const open = 'other users of this machine could use your terminals, or read what they showed'
  const found = stat(stateDir)
  if (!found)
    return warn(
      ...[`${stateDir} is not there yet`, 'no server has run on it'],
      `check the name; if it is right: conductor start`,
    )
  if (!found.isFolder)
    return fail(`${stateDir} is no folder`, unusable, 'name another with --state-dir')
  if (uid >= 0 && found.uid !== uid)
    return fail(
      ...[`${stateDir} belongs to user ${found.uid}, and you are ${uid}`, unusable],
      `sudo chown -R ${uid} ${stateDir}`,
    )
  if ((found.mode & 0o700) !== 0o700)
    return fail(`${stateDir} cannot be written to`, unusable, `chmod 700 ${stateDir}`)
  if ((found.mode & 0o022) !== 0)
    return fail(`others can write to ${stateDir}`, open, `chmod 700 ${stateDir}`)
  for (const name of PRIVATE_FILES) {
    const path = join(stateDir, name)
    if (((stat(path)?.mode ?? 0) & 0o077) !== 0)
      return fail(`others can open ${path}`, open, `chmod 600 ${path}`)
  }
  for (const path of [dataDir, join(stateDir, 'processes')])
    if (((stat(path)?.mode ?? 0) & 0o077) !== 0)
      return fail(`others can look into ${path}`, open, `chmod 700 ${path}`)
  if ((found.mode & 0o077) !== 0)
    return warn(
      ...[`others can look into ${stateDir}`, 'they see what runs here, if not what it says'],
      `chmod 700 ${stateDir}`,
    )
  return pass(`${stateDir}, for you alone`)
}

const LITTLE_BYTES = 1024 ** 3
const HARDLY_ANY_BYTES = 100 * 1024 ** 2
const HARDLY_ANY_FILES = 0.01

/** Histories and logs grow to a cap each, and a full disk stops them all. The worst of the folders counts. */
export function checkDisk(readers: Readers, ...dirs: readonly string[]): Finding {
  const rank = { pass: 0, warn: 1, fail: 2 }
  return dirs
    .map((dir) => checkDiskOf(readers, dir))
    .reduce((worst, each) => (rank[each.level] > rank[worst.level] ? each : worst))
}

function checkDiskOf(readers: Readers, dir: string): Finding {
  const { pass, warn, fail } = findings('disk')
  const at = nearest(readers, dir)
  const disk = readers.disk(at)
  if (!disk)
    return warn(
      `nothing can be told about the disk of ${dir}`,
      ...['it may be full', `df -h ${at}`],
    )
  const free = `${renderBytes(disk.freeBytes)} free for ${dir}`
  const why = 'when it is full, programs that print have to wait, and nothing new starts'
  const fix = `make room: du -xh ${at} | sort -h | tail`
  if (disk.freeBytes < HARDLY_ANY_BYTES) return fail(`only ${free}`, why, fix)
  if (disk.freeFiles < HARDLY_ANY_FILES)
    return fail(`${free}, but hardly a file can be made`, why, `make room: du --inodes -x ${at}`)
  if (disk.freeBytes < LITTLE_BYTES) return warn(`only ${free}`, why, fix)
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
  const why = 'a socket has a path, and the system limits its length'
  const shorter = 'choose a shorter --state-dir'
  const supervise = stateDir + SUPERVISE_SOCKET
  if (over(supervise) > 0)
    return fail(
      `${supervise} is ${over(supervise)} bytes too long for a socket`,
      `${why}: the app that starts this server cannot hold it`,
      shorter,
    )
  const nameBytes = -over(stateDir + daemonSocket(''))
  if (nameBytes < 1)
    return fail(`no process can have a socket below ${stateDir}`, `${why} to ${longest}`, shorter)
  if (over(dataDir + HOST_SOCKET) > 0)
    return warn(
      `sockets of sessions do not fit below ${dataDir}`,
      `${why}: they go to XDG_RUNTIME_DIR or the temporary folder, which may be cleaned`,
      shorter,
    )
  if (nameBytes < USUAL_NAME_BYTES)
    return warn(
      `names of processes with a socket have room for ${nameBytes} bytes`,
      ...[`${why} to ${longest}`, shorter],
    )
  return pass(`they fit below ${stateDir}`)
}
