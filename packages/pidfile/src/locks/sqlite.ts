import { closeSync, constants, type Stats } from 'node:fs'
import process from 'node:process'
import { openNoFollow, requireFile } from '../files.ts'
import { LOCK_MODE, type LockAttempt, statIfThere } from './lock.ts'

/** As much of `node:sqlite` as a lock needs; Node 20 has neither the module nor its types. */
interface Sqlite {
  readonly DatabaseSync: new (path: string) => { exec(sql: string): void; close(): void }
}

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

/**
 * Where there is Node's SQLite: an exclusive transaction on an empty database, which is never ended.
 *
 * Its locks are those of `fcntl(2)`: closing any descriptor of the file in this process gives them up.
 * So nothing here ever opens a database that is there already, except SQLite itself.
 */
export async function trySqlite(path: string): Promise<LockAttempt> {
  const sqlite = loadSqlite()
  if (!sqlite) return { kind: 'unavailable', reason: 'this Node has no node:sqlite' }
  const before = prepare(path)
  const database = new sqlite.DatabaseSync(path)
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY)
      return { kind: 'busy' }
    return { kind: 'unavailable', reason: `${path} cannot be locked`, cause }
  }
  const now = statIfThere(path)
  if (now?.ino === before?.ino && now?.dev === before?.dev)
    return { kind: 'locked', lock: { free: () => database.close() } }
  database.close()
  return { kind: 'moved' }
}

/** Not an import: that fails before Node 22.5, and warns on 22 and 24 also those who never use it. */
function loadSqlite(): Sqlite | undefined {
  // The types of Node 20 do not know the module.
  return process.getBuiltinModule('node:sqlite' as never) as Sqlite | undefined
}

function prepare(path: string): Stats | undefined {
  if (!statIfThere(path)) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
    try {
      closeSync(openNoFollow(path, flags, LOCK_MODE))
    } catch (error) {
      if (!statIfThere(path)) throw error // Else somebody made it at the same time.
    }
  }
  const found = statIfThere(path)
  return found && requireFile(path, found)
}
