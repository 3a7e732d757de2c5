import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { identifySelf } from '@conductor/process-identity'
import { isSame, requireOwnFolder, type Seen, see, writeNew } from './files.ts'
import type { Format } from './format.ts'
import {
  type Backend,
  type Holder,
  type KnownHolder,
  type LiveHolder,
  type PidfileData,
  stateOf,
} from './holder.ts'
import { takeLock } from './locks/take-lock.ts'
import { createPatience, type PidfileClock, systemClock } from './patience.ts'
import { isPidfileError, orUnreadable, PidfileError } from './pidfile-error.ts'
import { place } from './place.ts'
import { lockProvesGone } from './proof.ts'

/** How a file is claimed. */
export interface ClaimOptions {
  /** What else to keep in the file: plain JSON (default: nothing). */
  readonly data?: PidfileData | undefined
  /** Permissions of the file, whatever the umask says (default: 0o644). */
  readonly mode?: number | undefined
  /** The only lock to try, else `LOCK_FAILED` (default: the best that this system has). */
  readonly backend?: Backend | undefined
  /**
   * How long to wait, in milliseconds, for a file that is being written, where no lock can tell, and for a
   * lock whose holder has not written its name (default: 2,000). A holder with a name is never waited for.
   */
  readonly patienceMs?: number | undefined
  /** Also use a folder that others may write into, or that belongs to another user (default: false). */
  readonly trustFolder?: boolean | undefined
  /** Measures the patience (default: the real time). */
  readonly clock?: PidfileClock | undefined
}

/** A file that names this process, and that nobody else gets while this process lives. */
export interface Claim {
  readonly path: string
  /** What holds it. `link` is the last resort: see the README's limits. */
  readonly backend: Backend
  /**
   * Replaces the caller's data in one step: a reader sees the old file or the new one.
   *
   * @throws PidfileError `NOT_OURS` after the release, or when the file was removed or replaced by hand.
   */
  update(data: PidfileData): void
  /**
   * Removes the file, if it is still ours, and gives the lock back; calling it twice is fine. All is done
   * when it returns, before the promise resolves, so it may be called while the process exits.
   */
  release(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const PATIENCE_MS = 2_000

/** A file beside ours that is older than this was left by a crash, in milliseconds; a claim takes about 3. */
const LEFTOVER_MS = 10_000

/** The steps of a claim and the date, for tests. */
export interface Inside {
  readonly onStep?: (step: string) => void
  readonly date?: () => number
}

/** Claims `path` in the given format: the core of both kinds of claims. */
export async function claim(
  path: string,
  format: Format,
  options: ClaimOptions = {},
  { onStep = () => {}, date = Date.now }: Inside = {},
): Promise<Claim> {
  const { mode = 0o644, patienceMs = PATIENCE_MS, trustFolder = false } = options
  checkOptions(path, mode, patienceMs)
  if (!trustFolder) requireOwnFolder(dirname(path))
  const self = identifySelf()
  const patience = createPatience(patienceMs, options.clock ?? systemClock)

  const living = holderAt(path, format)
  if (living?.state === 'alive') throw held(path, living, living.state)
  const { backend, lock } = await takeLock(path, options.backend, async (lockFile) => {
    const holder = holderAt(path, format)
    if (holder && holder.state !== 'dead') throw held(path, holder, holder.state)
    if (await patience.wait('lock')) return
    throw new PidfileError(
      'HELD',
      `somebody holds ${lockFile}, and ${path} does not say who; \`fuser -v ${lockFile}\` may`,
    )
  })
  onStep('locked')

  const temporary =
    backend === 'link'
      ? `${path}.${process.pid}-${randomBytes(4).toString('hex')}.new`
      : `${path}.${backend}.new` // The lock makes it ours, and a crash leaves only the one.
  const write = (data: PidfileData | undefined): Seen =>
    orUnreadable(`write ${temporary}`, () =>
      // A lock tells the halves of a power cut from somebody who is writing; without one, none may be left.
      writeNew(temporary, format.write(self, backend, data), mode, backend === 'link'),
    )
  let mine: Seen

  async function mayTake(target: string, found: Seen): Promise<boolean> {
    const content = format.read(found.text)
    if (content.kind === 'foreign') throw foreign(target, format)
    if (content.kind === 'torn')
      return backend !== 'link' || !(await patience.wait(`${target} ${found.ino} ${found.text}`))
    const { holder } = content
    const state = stateOf(holder)
    if (state === 'dead') return true
    if (state === 'unknown' && lockProvesGone(path, holder, self, backend)) return true
    // Who holds a guard is about to hold the file, or to look who does.
    if (target !== path && (await patience.wait(target))) return false
    throw held(target, holder, state)
  }

  try {
    mine = write(options.data)
    onStep('written')
    const rewrite = (): void => {
      mine = write(options.data)
    }
    await place(path, { temporary, rewrite, mayTake, onStep })
  } catch (error) {
    rmSync(temporary, { force: true })
    lock.free()
    return orUnreadable(`claim ${path}`, () => {
      throw error
    })
  }
  rmSync(temporary, { force: true })
  onStep('claimed')
  if (backend === 'link') sweep(path, date() - LEFTOVER_MS)

  let released = false
  const isOurs = (): boolean => isSame(seeIfOurs(path), mine)

  async function release(): Promise<void> {
    if (released) return
    released = true
    try {
      if (isOurs()) orUnreadable(`remove ${path}`, () => rmSync(path, { force: true }))
      onStep('removed')
    } finally {
      lock.free()
    }
  }

  return {
    path,
    backend,
    release,
    [Symbol.asyncDispose]: release,
    update(data) {
      if (released) throw new PidfileError('NOT_OURS', `${path} was released; claim it again`)
      if (!isOurs())
        throw new PidfileError('NOT_OURS', `${path} was removed or replaced behind our back`)
      const next = write(data)
      onStep('update written')
      orUnreadable(`replace ${path}`, () => renameSync(temporary, path))
      mine = next
      onStep('updated')
    },
  }
}

function checkOptions(path: string, mode: number, patienceMs: number): void {
  if (!isAbsolute(path)) throw new RangeError(`path must be absolute: ${path}`)
  if (!Number.isInteger(mode) || mode < 0o400 || mode > 0o777)
    throw new RangeError(`mode must be permissions that let the owner read: ${mode}`)
  if (!(patienceMs >= 0)) throw new RangeError(`patienceMs must be 0 or more: ${patienceMs}`)
}

/** Who the file names; `undefined` when there is none, or a torn one. @throws PidfileError `NOT_OURS` */
function holderAt(path: string, format: Format): KnownHolder | undefined {
  const found = see(path)
  if (!found) return undefined
  const content = format.read(found.text)
  if (content.kind === 'foreign') throw foreign(path, format)
  return content.kind === 'named'
    ? { ...content.holder, state: stateOf(content.holder) }
    : undefined
}

function seeIfOurs(path: string): Seen | undefined {
  try {
    return see(path)
  } catch (error) {
    if (isPidfileError(error, 'NOT_OURS')) return undefined
    throw error
  }
}

function foreign(path: string, { what }: Format): PidfileError {
  return new PidfileError('NOT_OURS', `${path} is no ${what}; remove it or choose another path`)
}

function held(path: string, named: Holder, state: LiveHolder['state']): PidfileError {
  const holder: LiveHolder = { ...named, state }
  const { pid, identity } = named
  const text =
    state === 'alive'
      ? `${path} is held by pid ${pid}, which is alive; stop it first (kill ${pid}), or choose another path`
      : `${path} names pid ${pid}${identity ? ` on ${identity.host}` : ''}, and whether that still runs cannot be told from here; ` +
        `if it is gone for certain, remove ${path}`
  return new PidfileError('HELD', text, { holder })
}

/** Removes what claims without a lock left when they were killed. Those that only were slow write again. */
function sweep(path: string, beforeMs: number): void {
  const folder = dirname(path)
  try {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(`${basename(path)}.`) || !/\.\d+-[0-9a-f]{8}\.new$/.test(name)) continue
      const each = join(folder, name)
      const modifiedMs = statSync(each, { throwIfNoEntry: false })?.mtimeMs
      if (modifiedMs !== undefined && modifiedMs < beforeMs) rmSync(each, { force: true })
    }
  } catch {
    // Tidying is a courtesy: a folder that may not be listed is no reason to refuse the claim.
  }
}
