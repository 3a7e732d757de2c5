import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('../native', import.meta.url))

const PROGRAMS = {
  generator: ['generator.c'],
  rawReader: ['raw-reader.c'],
  wsClient: ['ws-client.c', 'dialect.c', 'socket.c'],
  daemon: ['daemon.c'],
} as const

/** The measuring programs, each by its absolute path. */
export type NativePrograms = Readonly<Record<keyof typeof PROGRAMS, string>>

/**
 * Compiles the measuring programs into `dir`.
 *
 * @throws Error with what the compiler said, or that there is none.
 */
export function compileNative(dir: string): NativePrograms {
  const compiler = process.env['CC'] || 'cc'
  const compile = (name: keyof typeof PROGRAMS): string => {
    const out = join(dir, name)
    const sources = PROGRAMS[name].map((file) => join(SOURCES, file))
    try {
      execFileSync(compiler, ['-O2', '-D_GNU_SOURCE', '-o', out, ...sources, '-lutil'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    } catch (cause) {
      throw new Error(`${compiler} cannot compile ${name}: ${String(cause)}`, { cause })
    }
    return out
  }
  return {
    generator: compile('generator'),
    rawReader: compile('rawReader'),
    wsClient: compile('wsClient'),
    daemon: compile('daemon'),
  }
}
