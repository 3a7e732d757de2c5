import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { PtySessionError } from '../pty-session-error.ts'

/**
 * The compiled part of node-pty 1.1.0, which is pinned for this. Its JavaScript is not used: it loses
 * output at the exit, spins on a reader that does not read, and types into ptys of others.
 */
export interface NativePty {
  /** Returns at once; `onExit` is called from the event loop, once. */
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number; readonly pty: string }
  resize(fd: number, cols: number, rows: number): void
}

export interface LoadedNative {
  readonly native: NativePty
  /** The program through which macOS starts others. */
  readonly helperPath: string
}

const MISSING =
  'node-pty has no native build here. It is compiled by its install script (a C++ compiler, make and Python 3 are needed), ' +
  'so allow that and install again: npm 11 wants "allowScripts": { "node-pty": true } in package.json, ' +
  'pnpm wants "onlyBuiltDependencies": ["node-pty"] in pnpm-workspace.yaml; `npm rebuild node-pty` builds what is installed'

let loaded: LoadedNative | undefined

/** @throws PtySessionError `NATIVE_MISSING` */
export function loadNative(): LoadedNative {
  loaded ??= readNative(createRequire(import.meta.url))
  return loaded
}

export function readNative(require: NodeJS.Require): LoadedNative {
  try {
    const utils = require.resolve('node-pty/lib/utils.js')
    // node-pty describes only its public API in types.
    const { loadNativeModule } = require(utils) as {
      loadNativeModule(name: string): { dir: string; module: NativePty }
    }
    const { dir, module } = loadNativeModule('pty')
    const helperPath = resolve(dirname(utils), dir, 'spawn-helper')
    return { native: module, helperPath: outsideOfAsar(helperPath) }
  } catch (cause) {
    throw new PtySessionError('NATIVE_MISSING', MISSING, { cause })
  }
}

/** Electron packs files into an archive from which nothing can be executed. */
function outsideOfAsar(path: string): string {
  return path
    .replace('app.asar', 'app.asar.unpacked')
    .replace('node_modules.asar', 'node_modules.asar.unpacked')
}
