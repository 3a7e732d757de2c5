import { join } from 'node:path'
import { createPtySession } from '@conductor/pty-session'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../testing/test-app.ts'

describe('the recording of a session', () => {
  it('is version 2, or the one that is asked for, under the name of the session', async () => {
    const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
    const app = testApp(onTestFinished, { dataDir })
    const { id } = await app.directory.create({ name: 'build' })
    const program = createPtySession({
      id,
      logDir: join(dataDir, id, 'log'),
      command: '/bin/echo',
      args: ['x'.repeat(100_000)],
      env: {},
    })
    await until(() => program.state.name === 'exited')
    program.close()
    for (const [query, version] of [
      ['', 2],
      ['?format=asciicast-v2', 2],
      ['?format=asciicast-v3', 3],
    ] as const) {
      const response = await app.ask(`/api/sessions/${id}/recording${query}`)
      expect(response.headers.get('content-type')).toBe('application/x-asciicast')
      expect(response.headers.get('content-disposition')).toContain(`${id}.cast`)
      const [header, ...events] = (await response.text()).trimEnd().split('\n')
      expect(JSON.parse(header ?? '')).toMatchObject({ version, title: 'build' })
      const output = events
        .map((each) => JSON.parse(each) as [number, string, string])
        .filter(([, code]) => code === 'o')
      expect(output.map(([, , data]) => data).join('')).toHaveLength(100_002)
    }
  })

  it('is refused in other formats, of sessions that are not there, and to strangers', async () => {
    const app = testApp(onTestFinished)
    const { id } = await app.directory.create({})
    const bad = await app.ask(`/api/sessions/${id}/recording?format=gif`)
    expect(bad.status).toBe(400)
    expect(await bad.json()).toMatchObject({ details: [{ field: 'format' }] })
    expect((await app.ask('/api/sessions/nope/recording')).status).toBe(404)
    expect((await app.ask(`/api/sessions/${id}/recording`, { token: null })).status).toBe(401)
  })
})
