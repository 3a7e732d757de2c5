import { join } from 'node:path'
import { openLogReader } from '@conductor/pty-session'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEndedSession } from '../sessions/ended-session.ts'
import type { SessionRecord } from '../sessions/session-file.ts'
import type { Adopted } from '../sessions/session-runtime.ts'
import { fakeRuntime } from '../testing/fake-runtime.ts'
import { recordLog } from '../testing/recorded-session.ts'
import { testApp } from '../testing/test-app.ts'

/** A server that follows another, and finds one of its sessions as `become` says. */
async function followed(become: (record: SessionRecord, logDir: string) => Adopted) {
  const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
  const before = testApp(onTestFinished, { dataDir })
  const { id } = await before.directory.create({ name: 'build', command: '/bin/cat' })
  const logDir = await recordLog(dataDir, id, 'echo a needle')
  const runtime = fakeRuntime()
  runtime.adopt = async (record) => become(record, logDir)
  const app = testApp(onTestFinished, { dataDir, runtime })
  await app.directory.adopt()
  return { app, id }
}

describe.each<[string, (record: SessionRecord, logDir: string) => Adopted]>([
  ['unreachable', () => ({ kind: 'unreachable', reason: 'no answer', log: undefined })],
  [
    'lost',
    (record, logDir) => {
      const state = { name: 'lost', reason: 'its host is gone' } as const
      const log = openLogReader(logDir)
      return { kind: 'ended', session: createEndedSession({ record, log, state }) }
    },
  ],
])('a session that is %s', (status, become) => {
  it('is searched, shown on its timeline and replayed', async () => {
    const { app, id } = await followed(become)
    expect(app.directory.get(id)?.status).toBe(status)
    const found = await (await app.ask('/api/search?q=needle')).text()
    expect(JSON.parse(found.split('\n')[0] ?? '')).toMatchObject({ session: id, text: 'a needle' })
    const timeline = (await (await app.ask(`/api/sessions/${id}/timeline`)).json()) as object
    expect(timeline).toMatchObject({ end: 10, points: [{ offset: 10 }] })
    const replay = await (await app.ask(`/api/sessions/${id}/replay`)).text()
    expect(replay).toContain('a needle')
  })
})
