import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '@conductor/machine'
import { processState } from '@conductor/process-identity'
import { ensurePrivateFolder } from '../host/endpoint.ts'
import { openLogReader } from '../log/log-reader.ts'
import { findProgram } from '../pty/find-program.ts'
import type { Pty, PtyOptions } from '../pty/pty.ts'
import type { OpenPty } from '../session.ts'
import type { SessionOptions } from '../types.ts'
import { createTmux } from './tmux-command.ts'
import { tmuxSessionName } from './tmux-name.ts'
import { abandonPane, paneSize, startPane } from './tmux-pane.ts'
import { followTmuxPane } from './tmux-pty.ts'
import {
  makeTmuxFolder,
  readTmuxRecords,
  removeTmuxFolder,
  type TmuxFolder,
  type TmuxPane,
  type TmuxRecord,
  tmuxFolder,
  writeTmuxRecord,
} from './tmux-record.ts'

export interface TmuxPtysOptions {
  /** Absolute folder of what must be known about the sessions of this process. */
  readonly root: string
  /** Absolute path of our tmux server's socket. Any number of processes share it. */
  readonly socket: string
  /** Of tmux itself, and of nothing that runs in it. */
  readonly env: Readonly<Record<string, string>>
  /** See `createTmux`. */
  readonly answerWithinMs?: number | undefined
  readonly clock?: Clock | undefined
  /** A failure that is tried again, or harms nothing. */
  readonly onTrouble: (error: unknown) => void
}

export interface TmuxPtys {
  /** Starts a program in a session of its own. Give it to `createPtySession`. */
  readonly open: OpenPty
  /** What an earlier process has left in `root` and is not over: give both to `createPtySession`, with `resume`. */
  found(): FoundProgram[]
}

export interface FoundProgram {
  readonly options: SessionOptions
  readonly openPty: OpenPty
  /** Its tmux is dead: it only has to be read to its end. */
  readonly isOver: boolean
}

/** Programs whose terminals are held by tmux, so that they outlive this process. */
export function createTmuxPtys(options: TmuxPtysOptions): TmuxPtys {
  const { root, socket, clock, onTrouble } = options
  const tmux = createTmux(options)

  function open(pty: PtyOptions, session: SessionOptions): Pty {
    const { id, logDir, historyBytes, fsync } = session
    const { cols, rows, command, args, cwd, env } = pty
    const file = findProgram({ command, args, cwd, env })
    const name = tmuxSessionName(id)
    const folder = tmuxFolder(root, name)
    const record: TmuxRecord = {
      v: 1,
      name,
      options: { id, logDir, cols, rows, historyBytes, fsync },
    }
    // Who can reach it can type into everything.
    ensurePrivateFolder(dirname(socket))
    makeTmuxFolder(folder)
    try {
      writeTmuxRecord(folder, record)
      writeFileSync(join(folder.dir, 'launch'), launchText(file, pty), { mode: 0o600 })
      const pane = startPane(tmux, { name, ...folder, cols, rows })
      writeTmuxRecord(folder, { ...record, pane })
      // Its output is written down and its record as well: now it may begin.
      letGo(folder)
      return follow({ ...record, pane }, pane, pty, 0, false)
    } catch (error) {
      abandonPane(tmux, folder.dir)
      removeTmuxFolder(folder)
      throw error
    }
  }

  function follow(
    record: TmuxRecord,
    pane: TmuxPane,
    pty: PtyOptions,
    offset: number,
    adopted: boolean,
  ): Pty {
    const { name, exit } = record
    const folder = tmuxFolder(root, name)
    const { onData, onExit, onLost, onNotice } = pty
    return followTmuxPane({
      tmux,
      name,
      pane,
      spool: folder.spool,
      offset,
      adopted,
      exit: exit && { code: exit.code, signal: exit.signal },
      onEnding: (known) => writeTmuxRecord(folder, { ...record, exit: known }),
      clock: clock ?? pty.clock,
      onData,
      onExit,
      onLost,
      onNotice,
      onOver: () => removeTmuxFolder(folder),
      onTrouble,
    })
  }

  function goOnWith(record: TmuxRecord): FoundProgram[] {
    const { name, pane } = record
    const folder = tmuxFolder(root, name)
    if (!pane || hasExit(record)) {
      // It was being made, or only not tidied up, when the earlier process died.
      abandonPane(tmux, folder.dir)
      removeTmuxFolder(folder)
      return []
    }
    // It may wait for that still, and it is written down now.
    if (existsSync(join(folder.dir, 'launch'))) letGo(folder)
    const options = { command: '', env: {}, ...record.options, ...paneSize(tmux, pane) }
    return [
      {
        options,
        openPty: (pty, _, offset) => follow(record, pane, pty, offset, true),
        isOver: processState(pane.tmux) === 'dead',
      },
    ]
  }

  return {
    open,
    found: () =>
      readTmuxRecords(root, onTrouble).flatMap((record) => {
        try {
          return goOnWith(record)
        } catch (error) {
          // Its log cannot be read: no reason to end somebody's program.
          onTrouble(error)
          return []
        }
      }),
  }
}

function letGo({ dir }: TmuxFolder): void {
  writeFileSync(join(dir, 'go'), '', { mode: 0o600 })
}

function hasExit({ options }: TmuxRecord): boolean {
  const log = openLogReader(options.logDir)
  const { exit } = log.examine()
  log.close()
  return exit !== undefined
}

/** Strings that end with a zero byte: see perl.ts. */
function launchText(file: string, { args, cwd, env }: PtyOptions): string {
  const pairs = Object.entries({ PWD: cwd, ...env }).map(([name, value]) => `${name}=${value}`)
  const strings = [cwd, String(pairs.length), ...pairs, file, file, ...args]
  return strings.map((text) => `${text}\0`).join('')
}
