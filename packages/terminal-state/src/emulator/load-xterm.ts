import type { ITerminalAddon, ITerminalOptions, Terminal } from '@xterm/headless'
import { guardCounts } from './guard-counts.ts'
import { guardErase } from './guard-erase.ts'
import { coreOf, type XtermCharset } from './xterm-parts.ts'

/** Everything about xterm.js that has to be loaded, once for the process. */
export interface Xterm {
  make(options: { cols: number; rows: number; scrollback: number }): Terminal
  /** The final byte that designates a charset; `B`, which is ASCII, when there is none. */
  charsetFlag(charset: XtermCharset): string
}

/** The charsets of xterm.js, by the final byte that designates them. */
const CHARSET_FLAGS = '0A4C5RQKYE6ZH7='

/** As in the web client, because both have to come to the same state. */
const OPTIONS: ITerminalOptions = {
  allowProposedApi: true,
  cursorBlink: true,
  scrollOnEraseInDisplay: true,
  windowOptions: {},
  logLevel: 'off',
}

let loading: Promise<Xterm> | undefined

/** Loads on first use: 100 ms or more that a host does not want to spend at its start. */
export function loadXterm(): Promise<Xterm> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Xterm> {
  const [headless, graphemes] = await Promise.all([
    import('@xterm/headless').then(unwrapped),
    withoutPool(() => import('@xterm/addon-unicode-graphemes')).then(unwrapped),
  ])

  function make(options: { cols: number; rows: number; scrollback: number }): Terminal {
    const terminal = new headless.Terminal({ ...OPTIONS, ...options })
    // It is typed against the browser's terminal, and uses what both have.
    terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as ITerminalAddon)
    guardErase(terminal)
    guardCounts(terminal)
    return terminal
  }

  const charsets = new Map<XtermCharset, string>()
  const scratch = make({ cols: 2, rows: 1, scrollback: 0 })
  const core = coreOf(scratch)
  for (const flag of CHARSET_FLAGS) {
    core._inputHandler.parse(Buffer.from(`\x1b(${flag}`))
    charsets.set(core._charsetService.charset, flag)
  }
  scratch.dispose()
  charsets.set(undefined, 'B')
  return { make, charsetFlag: (charset) => charsets.get(charset) ?? 'B' }
}

/**
 * The addon decodes a table into a Buffer when it is loaded, and then reads that from the start of its
 * memory. A Buffer that is a part of Node's pool starts elsewhere ("Data error"); how many are depends on
 * the version of Node. So none are for as long as it takes.
 */
async function withoutPool<T>(load: () => Promise<T>): Promise<T> {
  const { poolSize } = Buffer
  Buffer.poolSize = 0
  try {
    return await load()
  } finally {
    Buffer.poolSize = poolSize
  }
}

/** CommonJS modules arrive with their exports under `default`, where Node cannot tell their names. */
function unwrapped<T extends object>(module: T): T {
  const { default: inner } = module as { default?: T }
  return inner ?? module
}
