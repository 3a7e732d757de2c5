import { join } from 'node:path'
import type { ServerStatusJson } from '@conductor/api-types'
import { createHeartbeat } from '@conductor/health'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

const statusOf = async (app: TestApp): Promise<ServerStatusJson> =>
  (await (await app.ask('/api/status')).json()) as ServerStatusJson

describe('the status of the server', () => {
  it('is its versions, its heartbeat and the room on disk', async () => {
    const app = testApp(onTestFinished)
    const heartbeat = createHeartbeat({ path: join(app.stateDir, 'daemon.heartbeat') })
    onTestFinished(heartbeat.close)
    await until(async () => (await statusOf(app)).heartbeat.healthy)
    const { disk, ...status } = await statusOf(app)
    expect(status).toMatchObject({ pid: 42, nodeVersion: process.versions.node })
    expect(Date.parse(String(status.heartbeat.lastAt))).toBeGreaterThan(0)
    // A folder that is not there yet has no disk that could be told.
    expect(disk === undefined || disk.totalBytes >= disk.freeBytes).toBe(true)
  })

  it('tells how much room there is where histories are written', async () => {
    const app = testApp(onTestFinished, { dataDir: '/tmp' })
    const { disk } = await statusOf(app)
    expect(disk?.path).toBe('/tmp')
    expect(disk?.freeBytes).toBeGreaterThan(0)
    expect(disk?.totalBytes).toBeGreaterThan(disk?.freeBytes ?? 0)
  })

  it('says what is wrong with the heartbeat, and is told to nobody without a login', async () => {
    const app = testApp(onTestFinished)
    const { heartbeat } = await statusOf(app)
    expect(heartbeat.healthy).toBe(false)
    expect(heartbeat.message).not.toBe('')
    expect((await app.ask('/api/status', { token: null })).status).toBe(401)
  })
})
