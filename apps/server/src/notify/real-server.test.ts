import { createNotifier, type Notifier } from '@conductor/sd-notify'
import { until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { type TestServer, testServer } from '../testing/test-server.ts'

/** A systemd that wants a ping every 400 ms, and what it was told. */
function systemd(): { readonly notifier: Notifier; readonly told: string[] } {
  const told: string[] = []
  const tell = async (text: string) => {
    told.push(text)
    return 'sent' as const
  }
  const notifier = {
    ...createNotifier({ env: {} }),
    watchdogTimeoutMs: 400,
    ready: (status = '') => tell(`ready: ${status}`),
    stopping: () => tell('stopping'),
    extendTimeout: () => tell('extend'),
    watchdog: () => tell('ping'),
  }
  return { notifier, told }
}

it('is ready once it listens, pings while it lives, and says when it ends', async () => {
  const { notifier, told } = systemd()
  const server: TestServer = await testServer(onTestFinished, { notifier })
  expect(told.slice(0, 2)).toEqual([
    'extend',
    `ready: listening on http://${server.host}, sessions found: 0`,
  ])
  await until(() => told.filter((text) => text === 'ping').length > 2)
  await server.close()
  expect(told).toContain('stopping')
  expect(server.logged.filter((line) => line.includes('systemd'))).toEqual([])
})

it('keeps a ping back after its event loop was held up for too long, and lives again', async () => {
  const { notifier, told } = systemd()
  const server: TestServer = await testServer(onTestFinished, { notifier })
  await until(() => told.includes('ping'))
  // A fault that lets the loop turn, only far too slowly.
  const endMs = performance.now() + 5_600
  while (performance.now() < endMs);
  const pings = told.length
  await until(() => server.logged.some((line) => line.startsWith('warn not live')))
  expect(told.length).toBe(pings)
  await until(() => server.logged.includes('info live again: the watchdog is fed'))
  await until(() => told.length > pings)
})
