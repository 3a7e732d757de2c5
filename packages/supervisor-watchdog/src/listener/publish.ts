import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { isPipe, PRIVATE_SUFFIX_BYTES } from '../endpoint.ts'
import { codeOf, SupervisorWatchdogError } from '../supervisor-watchdog-error.ts'
import { knock } from './knock.ts'

/** So many others may come and go at the path while we look, before we call it a day. */
const MOST_TRIES = 10

/** Which file a name leads to. An inode is not given away while a socket that was bound to it is open. */
export type FileId = string

/**
 * Listens at `path`, and never takes it from somebody who lives.
 *
 * The socket is bound under a private name and then linked to the public one, which fails if that
 * exists. What exists goes away only if a connect proves that nobody listens there, and only if it is
 * still that very file. Node unlinks the private name when the server is closed, so it can never
 * unlink a successor's.
 *
 * @returns What was published; `undefined` for a named pipe, which the system takes care of.
 * @throws SupervisorWatchdogError `HELD`, `UNREACHABLE`, `UNSAFE_FOLDER`, `NOT_BOUND`. `server` may be listening then.
 */
export async function publish(server: Server, path: string): Promise<FileId | undefined> {
  try {
    if (isPipe(path)) {
      await listen(server, path)
      return undefined
    }
    ensurePrivateFolder(dirname(path))
    const bound = privateName(path)
    await listen(server, bound)
    chmodSync(bound, 0o600)
    await linkFrom(bound, path)
    return fileId(path)
  } catch (cause) {
    if (cause instanceof SupervisorWatchdogError) throw cause
    const text = `cannot listen at ${path}: ${cause instanceof Error ? cause.message : cause}`
    throw new SupervisorWatchdogError(codeOf(cause) === 'EADDRINUSE' ? 'HELD' : 'NOT_BOUND', text, {
      cause,
    })
  }
}

/**
 * Takes our socket's public name away, so that nobody new can find it. It goes on listening.
 *
 * @returns The private name that it has now, or `undefined` when the public one was not ours any more.
 */
export function withdraw(path: string, ours: FileId): string | undefined {
  return moveAway(path, ours)
}

/** Gives a withdrawn socket its public name again. @throws what the system says, such as EEXIST. */
export function restore(from: string, path: string): void {
  linkSync(from, path)
  unlinkSync(from)
}

async function linkFrom(bound: string, path: string): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      return restore(bound, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const there = fileId(path)
    if (there === undefined) continue
    if (!lstatSync(path).isSocket())
      throw new SupervisorWatchdogError('NOT_BOUND', `${path} is there and is no socket; remove it`)
    const found = await knock(path, 'is anybody there')
    if (found === 'alive')
      throw new SupervisorWatchdogError('HELD', `another process listens at ${path}`)
    if (found === 'unknown')
      throw new SupervisorWatchdogError(
        'UNREACHABLE',
        `cannot tell whether a process listens at ${path}, so it is left alone`,
      )
    const stale = moveAway(path, there)
    if (stale !== undefined) unlinkSync(stale)
  }
  throw new SupervisorWatchdogError('UNREACHABLE', `too many processes want to listen at ${path}`)
}

/** Renames `path` if it is still that file, and gives back what it took by mistake. */
function moveAway(path: string, expected: FileId): string | undefined {
  if (fileId(path) !== expected) return undefined
  const away = privateName(path)
  try {
    renameSync(path, away)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  if (fileId(away) === expected) return away
  // Somebody published in between. Only a third one in these microseconds could still hide it.
  try {
    restore(away, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  return undefined
}

function privateName(path: string): string {
  return `${path}.${randomBytes((PRIVATE_SUFFIX_BYTES - 1) / 2).toString('hex')}`
}

function fileId(path: string): FileId | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function listen(server: Server, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Makes the folder, and refuses one that somebody else could put another socket into. */
function ensurePrivateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const found = lstatSync(dir)
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o022) === 0) return
  throw new SupervisorWatchdogError(
    'UNSAFE_FOLDER',
    `${dir} must be a folder of this user that nobody else can write to; chmod 700 it`,
  )
}
