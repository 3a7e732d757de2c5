import { spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:tty'
import { createOutput } from '../output.ts'
import type { LocalTerminal } from './local-terminal.ts'

export interface NodeTerminalOptions {
  readonly keys: ReadStream
  readonly screen: WriteStream
  /** The file descriptor of `screen`, to which the last bytes go when nothing can wait any more. */
  readonly screenFd: number
  /** Calls back at `exit`, and at `SIGCONT`; returns what ends that. */
  readonly onProcess: (event: 'exit' | 'SIGCONT', listener: () => void) => () => void
}

/** The terminal of these two streams; `undefined` when one of them is none. */
export function createNodeTerminal(options: NodeTerminalOptions): LocalTerminal | undefined {
  const { keys, screen, screenFd, onProcess } = options
  if (!keys.isTTY || !screen.isTTY) return undefined
  let output: ReturnType<typeof createOutput> | undefined

  return {
    get size() {
      return { cols: screen.columns || 80, rows: screen.rows || 24 }
    },
    write(data) {
      output ??= createOutput(screen, () => {})
      return output.write(data)
    },
    takeOver({ onKeys, onResize, farewell }) {
      let isOurs = true
      makeRaw(keys)
      keys.on('data', onKeys)
      keys.resume()
      screen.on('resize', onResize)
      const endings = [
        onProcess('exit', giveBack),
        // Whoever continues a stopped job, a shell above all, may have changed the mode.
        onProcess('SIGCONT', () => {
          keys.setRawMode(false)
          makeRaw(keys)
          onResize()
        }),
      ]

      function giveBack(): void {
        if (!isOurs) return
        isOurs = false
        for (const end of endings) end()
        keys.off('data', onKeys)
        screen.off('resize', onResize)
        keys.pause()
        try {
          writeSync(screenFd, farewell())
        } catch {
          // The terminal has gone, or is full.
        }
        try {
          keys.setRawMode(false)
        } catch {
          // The terminal has gone.
        }
      }
      return giveBack
    },
  }
}

/**
 * Node leaves the terminal to make a return of every line feed, which is the program's own to decide:
 * full-screen programs move straight down with one. Where there is no `stty`, those look wrong.
 */
function makeRaw(keys: ReadStream): void {
  keys.setRawMode(true)
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}
