import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { PtySessionError } from '../pty-session-error.ts'

/**
 * The longest path of a unix socket, in bytes: `sun_path` has room for 108 on Linux and 104 on BSD
 * and macOS, one of them for the end. Node cuts a longer one silently and binds another file.
 */
export const MAX_SOCKET_PATH_BYTES: number = process.platform === 'linux' ? 107 : 103

/** The name that is bound before it is published: eight characters longer than the public one. */
const BIND_SUFFIX_BYTES = 8

/** So many others may come and go at the path while we look, before we call it a day. */
const MOST_TRIES = 10

/** Only these prove that nobody listens. A time-out, EACCES or EMFILE proves nothing. */
const PROOFS_OF_DEATH: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'])

/** How long a connect may take before it counts as "cannot tell", in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000

/**
 * Where the host of `dir` listens: in `dir` itself, or, where that path is too long for a socket,
 * in a private folder of this user under a name made from `dir`. Always the same for the same `dir`.
 *
 * @throws PtySessionError `SOCKET_PATH_TOO_LONG` when neither fits.
 */
export function hostSocketPath(dir: string): string {
  return socketPath(dir, 'host.sock')
}

/** The path of a socket of that name in `dir`, or where `hostSocketPath` says. @throws PtySessionError */
export function socketPath(dir: string, name: string): string {
  const inside = join(dir, name)
  if (fits(inside)) return inside
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 16)
  const runtime = process.env['XDG_RUNTIME_DIR'] || tmpdir()
  const suffix = name === 'host.sock' ? '.sock' : `.${name}`
  const outside = join(runtime, `conductor-${userInfo().uid}`, hash + suffix)
  if (fits(outside)) return outside
  throw new PtySessionError(
    'SOCKET_PATH_TOO_LONG',
    `${inside} and ${outside} are over the ${MAX_SOCKET_PATH_BYTES} bytes that a socket path may have; use a shorter folder`,
  )
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) + BIND_SUFFIX_BYTES <= MAX_SOCKET_PATH_BYTES
}

/** Makes the socket's folder, and refuses one that somebody else could have put there. */
export function ensurePrivateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const found = lstatSync(dir)
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o022) !== 0)
    throw new PtySessionError(
      'BAD_OPTION',
      `${dir} must be a folder of this user that nobody else can write to`,
    )
}

/**
 * Listens on `path`, and never takes it from somebody who lives.
 *
 * The socket is bound under a private name and then linked to the public one, which fails if that
 * exists. What exists goes away only if a connect proves that nobody listens there, and only if it is
 * still that very file: of two hosts that find the same one, the slower finds the faster one listening.
 * Closing the server later removes the private name only, so it can never unlink a successor's.
 *
 * @throws PtySessionError `HOST_HELD` when somebody answers there, `HOST_UNREACHABLE` when it cannot be told.
 */
export async function listenAt(server: Server, path: string): Promise<void> {
  const bound = privateName(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(bound, () => {
      server.off('error', reject)
      resolve()
    })
  })
  try {
    chmodSync(bound, 0o600)
    await publish(bound, path)
  } catch (error) {
    server.close()
    throw error
  }
}

async function publish(bound: string, path: string): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      return moveTo(bound, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const there = fileId(path)
    if (there === undefined) continue
    await requireDead(path)
    removeStale(path, there)
  }
  throw new PtySessionError('HOST_UNREACHABLE', `too many processes want to listen at ${path}`)
}

/** Never over a file that exists, as `rename` would be. */
function moveTo(from: string, path: string): void {
  linkSync(from, path)
  unlinkSync(from)
}

/** Takes `path` away if it is still that file, and gives back what it took by mistake. */
function removeStale(path: string, expected: string): void {
  if (fileId(path) !== expected) return
  const away = privateName(path)
  try {
    renameSync(path, away)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (fileId(away) === expected) {
    unlinkSync(away)
    return
  }
  // Somebody published in between. Only a third one in these microseconds could still hide it.
  try {
    moveTo(away, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function privateName(path: string): string {
  return `${path}.${randomBytes(3).toString('hex')}x`
}

/** Which file a name leads to. An inode is not given away while a socket that was bound to it is open. */
function fileId(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

async function requireDead(path: string): Promise<void> {
  const found = await probe(path)
  if (found === 'dead') return
  throw found === 'alive'
    ? new PtySessionError('HOST_HELD', `another process listens at ${path}`)
    : new PtySessionError('HOST_UNREACHABLE', `cannot tell whether a process listens at ${path}`)
}

/** Whether somebody listens at a unix socket. Everything short of proof is `unknown`. */
export function probe(path: string): Promise<'alive' | 'dead' | 'unknown'> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (found: 'alive' | 'dead' | 'unknown') => {
      socket.destroy()
      resolve(found)
    }
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle('unknown'))
    socket.once('connect', () => settle('alive'))
    socket.once('error', (error) => settle(PROOFS_OF_DEATH.has(codeOf(error)) ? 'dead' : 'unknown'))
  })
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
