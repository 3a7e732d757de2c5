import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ProcessIdentity, processState } from '@conductor/process-identity'
import { readIfThere, writeTemporary } from './private-file.ts'
import { ServerError, systemCodeOf } from './server-error.ts'

/** Who a file says it belongs to. */
export interface Holder {
  readonly pid: number
  /** Absent in files of other programs: then a living pid counts as the holder. */
  readonly identity?: ProcessIdentity | undefined
}

export interface OwnedFileOptions {
  /** Absolute. Its folder is made where it is missing. */
  readonly path: string
  /** What to write at first. */
  readonly text: string
  /** Finds the holder in a file's text; `undefined` when the text is nothing of ours. */
  readonly holderOf: (text: string) => Holder | undefined
  /** Names the file in errors, as in "run-file". */
  readonly what: string
  /** For tests (default: the real processes). */
  readonly stateOf?: ((holder: Holder) => 'alive' | 'dead' | 'unknown') | undefined
}

/** A file that names this process, and that no second server takes while this one lives. */
export interface OwnedFile {
  readonly path: string
  /** Replaces the text, if the file is still ours. */
  rewrite(text: string): void
  /** Removes the file, if it is still ours. Calling it twice is fine. */
  release(): void
}

/**
 * Claims `path` for this process.
 *
 * The new file is linked into place, which fails where there is one. That one is taken away only if
 * its holder is proved dead, by moving it aside and looking at what was really moved: a claim that
 * somebody else made in between is put back.
 *
 * @throws ServerError `HELD` naming the holder; `UNREADABLE` when the file is not one of ours.
 */
export function claimFile(options: OwnedFileOptions): OwnedFile {
  const { path, what, holderOf, stateOf = stateOfHolder } = options
  let mine = options.text

  function requireDead(found: string): void {
    if (found === '') return // What a power cut leaves of a file that was never written through.
    const holder = holderOf(found)
    if (!holder)
      throw new ServerError('UNREADABLE', `${path} is no ${what}; remove it or choose another path`)
    const state = stateOf(holder)
    if (state !== 'dead')
      throw new ServerError(
        'HELD',
        `already running: pid ${holder.pid} holds ${path}${state === 'unknown' ? ' (as far as can be told)' : ''}`,
      )
  }

  function takeAway(): void {
    const found = readIfThere(path)
    if (found === undefined) return
    requireDead(found)
    const grave = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
    if (!unlessMissing(() => renameSync(path, grave))) return
    try {
      const moved = readIfThere(grave)
      if (moved !== found) linkSync(grave, path)
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error
    } finally {
      rmSync(grave, { force: true })
    }
  }

  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = writeTemporary(path, mine)
  try {
    while (!tryLink(temporary, path)) takeAway()
  } finally {
    rmSync(temporary, { force: true })
  }

  return {
    path,
    rewrite(text) {
      if (readIfThere(path) !== mine)
        throw new ServerError('HELD', `${path} was taken by another process`)
      const next = writeTemporary(path, text)
      try {
        renameSync(next, path)
        mine = text
      } catch (error) {
        rmSync(next, { force: true })
        throw error
      }
    },
    release() {
      if (readIfThere(path) === mine) rmSync(path, { force: true })
    },
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
}

function unlessMissing(action: () => void): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** "Cannot tell" is never "dead": a bare pid that lives counts as the holder. */
function stateOfHolder({ pid, identity }: Holder): 'alive' | 'dead' | 'unknown' {
  if (identity) return processState(identity)
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return systemCodeOf(error) === 'ESRCH' ? 'dead' : 'unknown'
  }
}
