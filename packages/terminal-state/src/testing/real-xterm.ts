import type { Terminal } from '@xterm/headless'
import { loadXterm, type Xterm } from '../emulator/load-xterm.ts'
import { coreOf } from '../emulator/xterm-parts.ts'

const xterm: Xterm = await loadXterm()

/** A fresh terminal as the web client makes one, which parses at once. */
export function freshXterm(cols: number, rows: number, scrollback = 1_000): Terminal {
  return xterm.make({ cols, rows, scrollback })
}

export function write(terminal: Terminal, bytes: Uint8Array | string): void {
  coreOf(terminal)._inputHandler.parse(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
}
