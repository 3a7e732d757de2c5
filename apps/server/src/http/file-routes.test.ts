import { readdirSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestServer, type TestServerOptions, testServer } from '../testing/test-server.ts'

const MIB = 1024 * 1024

async function setup(options: TestServerOptions = {}) {
  const server = await testServer(onTestFinished, {
    ...options,
    config: { uploadBytes: 3 * MIB, ...options.config },
  })
  const id = await server.session()
  return {
    server,
    id,
    folder: join(server.config.dataDir, id, 'files'),
    upload: (name: string, body: BodyInit, init: RequestInit = {}) =>
      server.request(`/api/sessions/${id}/files?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        body,
        ...init,
      }),
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Begins a request by hand, and sends nothing but this of it. */
async function halfRequest(server: TestServer, path: string, body: string) {
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString()
  })
  socket.on('error', () => {})
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${server.host}\r\nX-Session-Token: ${await server.token()}\r\n` +
      `Content-Length: 1000\r\n\r\n${body}`,
  )
  return { socket, answer: () => answer }
}

describe('a file for a session', () => {
  it('is saved byte for byte in its folder, and its absolute path is told', async () => {
    const { upload, folder } = await setup()
    const bytes = Buffer.alloc(2 * MIB, Buffer.from([0, 255, 137, 80, 10, 13]))
    const response = await upload('my picture.png', bytes)
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({
      path: join(folder, 'my_picture.png'),
      name: 'my_picture.png',
      sizeBytes: bytes.length,
    })
    expect(readFileSync(join(folder, 'my_picture.png')).equals(bytes)).toBe(true)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('gets a number where its name is taken, and a name where it has none', async () => {
    const { upload } = await setup()
    const names: unknown[] = []
    for (const name of ['a.png', 'a.png', '../a.png', '']) {
      names.push(((await (await upload(name, 'x')).json()) as { name: string }).name)
    }
    expect(names).toEqual(['a.png', 'a-2.png', 'a-3.png', 'file'])
  })

  it('is refused when it is too large, by its length or as it comes, and leaves nothing', async () => {
    const { upload, folder } = await setup()
    const known = await upload('a', Buffer.alloc(3 * MIB + 1))
    expect(known.status).toBe(413)
    expect(await known.json()).toEqual({
      error: 'the file is over 3 MiB (AI_CONDUCTOR_UPLOAD_BYTES)',
      code: 'FILE_TOO_LARGE',
    })
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(MIB)),
    })
    const unknown = await upload('a', endless, { duplex: 'half' } as RequestInit)
    expect(unknown.status).toBe(413)
    await until(() => filesIn(folder).length === 0)
  })

  it('leaves nothing when it breaks off', async () => {
    const { server, id, folder } = await setup()
    const { socket } = await halfRequest(server, `/api/sessions/${id}/files?name=a`, 'half')
    await until(() => filesIn(folder).length === 1)
    socket.destroy()
    await until(() => filesIn(folder).length === 0)
  })

  it('may come slowly, where other requests are cut off', async () => {
    const timeouts = { readMs: 200, writeMs: 5_000, idleMs: 5_000 }
    const { server, id } = await setup({ timeouts })
    const slow = await halfRequest(server, `/api/sessions/${id}/files?name=a`, 'x'.repeat(999))
    const other = await halfRequest(server, '/api/sessions', '{')
    await until(() => other.answer().includes('408'))
    await until(() => other.socket.destroyed || other.socket.readableEnded)
    slow.socket.write('x')
    await until(() => slow.answer().includes('201 Created'))
  })

  it('goes with its session, and comes to none that is not there', async () => {
    const { server, id, upload, folder } = await setup()
    await upload('a', 'x')
    await server.request(`/api/sessions/${id}`, { method: 'DELETE' })
    await until(() => filesIn(dirname(folder)).length === 0)
    expect((await upload('a', 'x')).status).toBe(404)
    expect(filesIn(dirname(folder))).toEqual([])
  })

  it('is nothing that a stranger may give, nor a foreign page', async () => {
    const { server, id, folder } = await setup()
    const path = `${server.url}/api/sessions/${id}/files?name=a`
    expect((await fetch(path, { method: 'POST', body: 'x' })).status).toBe(401)
    const headers = { 'X-Session-Token': await server.token(), Origin: 'https://evil.example' }
    expect((await fetch(path, { method: 'POST', body: 'x', headers })).status).toBe(403)
    expect(filesIn(folder)).toEqual([])
  })

  it('alone may be over 1 MiB', async () => {
    const { server } = await setup()
    const body = JSON.stringify({ name: 'x'.repeat(MIB) })
    expect((await server.request('/api/sessions', { method: 'POST', body })).status).toBe(413)
  })
})
