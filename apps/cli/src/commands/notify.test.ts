import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ran } from '../testing/run.ts'

interface Asked {
  readonly url: string | undefined
  readonly token: unknown
  readonly body: unknown
}

/** A server that notes what it is asked, and answers with `status`; 0: it never answers. */
async function server(status: number): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const http = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const { url, headers } = request
      asked.push({ url, token: headers['x-session-token'], body: JSON.parse(text) })
      if (status > 0) response.writeHead(status).end('{"error":"no"}')
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, asked }
}

function session(url: string): { dir: string; env: Record<string, string> } {
  const dir = temporaryFolder(onTestFinished)
  const path = join(dir, 'notify.json')
  writeFileSync(path, JSON.stringify({ sessionId: 'abc', token: 'a'.repeat(64), url }))
  return { dir, env: { CONDUCTOR_NOTIFY_FILE: path } }
}

describe('notify', () => {
  it('tells the server of the session, with the key in its file, and prints nothing', async () => {
    const { url, asked } = await server(200)
    const { dir, env } = session(`${url}/tools/conductor`)
    const args = ['notify', '--state', 'waiting', '--text', 'may I?']
    expect(await ran(dir, args, { env })).toEqual({ out: '', err: '', exitCode: 0 })
    expect(asked).toEqual([
      {
        url: '/tools/conductor/api/sessions/abc/attention',
        token: 'a'.repeat(64),
        body: { state: 'waiting', text: 'may I?' },
      },
    ])
  })

  it('takes what an agent appends, and does not read it', async () => {
    const { url, asked } = await server(200)
    const { dir, env } = session(url)
    const args = ['notify', '--state', 'done', '{"type":"agent-turn-complete"}']
    expect((await ran(dir, args, { env })).exitCode).toBe(0)
    expect(asked[0]?.body).toEqual({ state: 'done' })
  })

  it.each([
    ['outside of a session', async () => ({})],
    ['of a session that is gone', async () => ({ CONDUCTOR_NOTIFY_FILE: '/nowhere' })],
    ['while no server runs', async () => session('http://127.0.0.1:1').env],
    ['before a server that refuses', async () => session((await server(403)).url).env],
    ['before a server that never answers', async () => session((await server(0)).url).env],
  ])('%s fails within a second, and with --quiet not even that', async (_, make) => {
    const env = await make()
    const dir = temporaryFolder(onTestFinished)
    const args = ['notify', '--state', 'done']
    const startMs = performance.now()
    const loud = await ran(dir, args, { env })
    expect(performance.now() - startMs).toBeLessThan(2_000)
    expect([loud.exitCode, loud.err]).toEqual([1, expect.stringMatching(/\S/)])
    const quiet = await ran(dir, [...args, '--quiet'], { env })
    expect(quiet).toEqual({ out: '', err: '', exitCode: 0 })
  })

  it('knows its states, and needs one', async () => {
    const dir = temporaryFolder(onTestFinished)
    expect((await ran(dir, ['notify', '--state', 'sad'])).exitCode).toBe(2)
    expect((await ran(dir, ['notify'])).exitCode).toBe(2)
  })
})
