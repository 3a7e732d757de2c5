import { titled, until, whyMissing } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { readDocument } from './documents.ts'
import type { AtTheEnd } from './program.ts'
import { BELOW, settingsFor, startCaddy, startNginx } from './proxies.ts'
import { startServer } from './server.ts'
import { logIn, openTerminal } from './terminal.ts'
import type { Visitor } from './visitor.ts'

const TEST_MS = 120_000

/** What the guide gives a connection on which nothing is said, in milliseconds. */
function idleTimeoutMs(): number {
  const file = readDocument('guides/proxy/nginx-below-a-path.conf')
  return Number(/proxy_read_timeout (\d+)s;/.exec(file)?.[1]) * 1_000
}

const nginx = whyMissing('nginx', 'openssl')
const caddy = whyMissing('caddy', 'openssl')

describe.concurrent('over time', () => {
  it.skipIf(nginx)(
    titled('nginx cuts nothing off that is idle for longer than its time-out', nginx),
    { timeout: TEST_MS },
    async ({ onTestFinished }) => {
      const server = await startServer(onTestFinished, settingsFor(BELOW))
      const { visitor } = await startNginx(onTestFinished, server.address, BELOW)
      await logIn(visitor)
      const terminal = await openTerminal(onTestFinished, visitor)
      const stream = await visitor.stream('/api/events')
      onTestFinished(() => void stream.destroy())
      let hasEnded = false
      stream.on('close', () => {
        hasEnded = true
      })
      stream.on('error', () => {})
      stream.resume()
      const endMs = performance.now() + idleTimeoutMs() + 3_000
      // The fact that is waited for is that nothing happens.
      await until(() => performance.now() > endMs, { timeoutMs: idleTimeoutMs() + 30_000 })
      expect([terminal.connects, hasEnded]).toEqual([1, false])
      terminal.type('echo $((6*7))-still\r')
      await terminal.sees('42-still')
      expect(terminal.connects).toBe(1)
    },
  )

  it.skipIf(nginx)(
    titled('a terminal comes back over nginx -s reload, with all that was printed', nginx),
    { timeout: TEST_MS },
    async ({ onTestFinished }) => {
      const server = await startServer(onTestFinished, settingsFor(BELOW))
      const { visitor, reload } = await startNginx(onTestFinished, server.address, BELOW)
      await comesBack(onTestFinished, visitor, reload)
    },
  )

  it.skipIf(caddy)(
    titled('a terminal comes back over a reload of Caddy, with all that was printed', caddy),
    { timeout: TEST_MS },
    async ({ onTestFinished }) => {
      const server = await startServer(onTestFinished, settingsFor(BELOW))
      const { visitor, reload } = await startCaddy(onTestFinished, server.address, BELOW)
      await comesBack(onTestFinished, visitor, reload)
    },
  )
})

async function comesBack(
  atTheEnd: AtTheEnd,
  visitor: Visitor,
  reload: () => Promise<void>,
): Promise<void> {
  await logIn(visitor)
  const terminal = await openTerminal(atTheEnd, visitor)
  terminal.type('i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line-$i; sleep 0.02; done\r')
  await terminal.sees('line-10\r\n')
  await reload()
  await terminal.sees('line-200\r\n')
  const lines = [...terminal.text.matchAll(/line-(\d+)\r\n/g)].map(([, number]) => Number(number))
  expect(lines).toEqual(lines.map((_, index) => index + 1))
  // What held the connection is gone, so it was made anew.
  await until(() => terminal.connects === 2, { timeoutMs: 30_000, what: 'it has connected again' })
  terminal.type('echo $((6*7))-again\r')
  await terminal.sees('42-again')
}
