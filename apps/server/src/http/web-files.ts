import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { AppContext } from './app-env.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.map', '.svg', '.txt', '.wasm'])

/** Below this, compressing gains nothing, in bytes. */
const LEAST_COMPRESSED_BYTES = 1024

interface WebFile {
  readonly type: string
  readonly bytes: Buffer
  /** Compressed when it is first asked for. */
  readonly gzip: (() => Buffer) | undefined
  /** Its name changes with its content. */
  readonly hashed: boolean
}

/** The built web client. Only what was there at the start is served, so no path leads out of it. */
export interface WebFiles {
  /** Whether the client has been built. */
  readonly present: boolean
  /** The file at `path`, as in `/assets/app-3f2a.js`; `undefined` when there is none. */
  answer(c: AppContext, path: string): Response | undefined
}

/** @param dir The client's `dist`. It may be missing. */
export function loadWebFiles(dir: string): WebFiles {
  const files = new Map<string, WebFile>()
  for (const name of filesIn(dir)) {
    const path = `/${name.split(sep).join('/')}`
    const type = extname(name)
    const bytes = readFileSync(join(dir, name))
    const compress = COMPRESSIBLE.has(type) && bytes.length >= LEAST_COMPRESSED_BYTES
    files.set(path, {
      type: TYPES[type] ?? 'application/octet-stream',
      bytes,
      gzip: compress ? once(() => gzipSync(bytes)) : undefined,
      hashed: path.startsWith('/assets/'),
    })
  }

  return {
    present: files.has('/index.html'),
    answer(c, path) {
      const file = files.get(path)
      if (!file) return undefined
      const { type, bytes, gzip, hashed } = file
      const zipped = gzip && /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      // Plain `Uint8Array`s are sent as they are, with their length.
      return c.body(new Uint8Array(zipped ? gzip() : bytes), 200, {
        'Content-Type': type,
        'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(gzip && { Vary: 'Accept-Encoding' }),
        ...(zipped && { 'Content-Encoding': 'gzip' }),
      })
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(dir.length)
          .replace(/^[\\/]+/, ''),
      )
  } catch {
    return []
  }
}
