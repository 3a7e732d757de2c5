import { execFile } from 'node:child_process'
import { closeSync, readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SERVER } from '../generate/target.ts'

/** What the checks see of the machine: what a test replaces. Nothing here throws. */
export interface Readers {
  readonly platform: string
  /** As in `v22.1.0`. */
  readonly nodeVersion: string
  /** Of this user; -1 where there are none. */
  readonly uid: number
  /** `undefined` when it is not there, or not for us to read. */
  readonly read: (path: string) => string | undefined
  readonly list: (path: string) => readonly string[]
  readonly link: (path: string) => string | undefined
  readonly stat: (path: string) => FileFacts | undefined
  readonly disk: (path: string) => DiskFacts | undefined
  /** What it prints; `undefined` when it is not there, or fails. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string | undefined>
  /** Opens a terminal as the server would, and closes it; what went wrong, if anything did. */
  readonly openPty: () => string | undefined
}

export interface FileFacts {
  readonly isFolder: boolean
  /** The nine bits of `rwxrwxrwx`. */
  readonly mode: number
  readonly uid: number
}

export interface DiskFacts {
  readonly freeBytes: number
  /** Files that can still be made, as a part of all; 1 where there is no limit. */
  readonly freeFiles: number
}

/** A program that says nothing for this long says nothing, in milliseconds. */
const RUN_WITHIN_MS = 3_000

export const systemReaders: Readers = {
  platform: process.platform,
  nodeVersion: process.version,
  uid: process.getuid?.() ?? -1,
  read: (path) => quietly(() => readFileSync(path, 'utf8')),
  list: (path) => quietly(() => readdirSync(path)) ?? [],
  link: (path) => quietly(() => readlinkSync(path)),
  stat: (path) =>
    quietly(() => {
      const found = statSync(path)
      return { isFolder: found.isDirectory(), mode: found.mode & 0o777, uid: found.uid }
    }),
  disk: (path) =>
    quietly(() => {
      const { bavail, bsize, files, ffree } = statfsSync(path)
      return { freeBytes: bavail * bsize, freeFiles: files > 0 ? ffree / files : 1 }
    }),
  run: (program, ...args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: RUN_WITHIN_MS }, (error, stdout) =>
        resolve(error ? undefined : stdout.trim()),
      )
    }),
  openPty: () => openPty(SERVER),
}

/** What is used of node-pty's compiled part. */
interface NativePty {
  open(cols: number, rows: number): { readonly master: number; readonly slave: number }
}

/** @param server The built server, whose node-pty it is. */
function openPty(server: string): string | undefined {
  try {
    const session = createRequire(server).resolve('@conductor/pty-session')
    // As pty-session loads it: node-pty has no types for this.
    const { loadNativeModule } = createRequire(session)('node-pty/lib/utils.js') as {
      loadNativeModule(name: string): { readonly module: NativePty }
    }
    const { master, slave } = loadNativeModule('pty').module.open(80, 24)
    closeSync(master)
    closeSync(slave)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
