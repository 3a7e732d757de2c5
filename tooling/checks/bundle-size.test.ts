import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from './workspace.ts'

/** What a page may pay for the socket, with everything it imports, minified and gzipped, in bytes. */
const MAX_SOCKET_BYTES = 3_000

/** The size of a module of ours as a browser gets it, minified and gzipped, in bytes. */
async function sizeOf(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: join(root, 'packages/session-client') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@conductor/source'],
    write: false,
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0)
}

it(`@conductor/reconnecting-ws costs a page at most ${MAX_SOCKET_BYTES} bytes`, async () => {
  const socket = await sizeOf(`export { createReconnectingWs } from '@conductor/reconnecting-ws'`)
  const all = await sizeOf(`export * from '@conductor/reconnecting-ws'`)
  process.stdout.write(`reconnecting-ws: ${socket} bytes min+gz, ${all} with every export\n`)
  expect(socket).toBeLessThanOrEqual(MAX_SOCKET_BYTES)
})
