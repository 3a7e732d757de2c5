import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PASSWORD = 'correct horse battery'

/** One connection that is kept: while there are no descriptors, none can be made. */
function caller(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  let token = ''

  function ask(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asking = request(url + path, {
        agent,
        method,
        headers: token ? { 'X-Session-Token': token } : {},
      })
      asking.on('response', (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asking.on('error', reject)
      asking.end(body)
    })
  }

  return {
    ask,
    async logIn() {
      const { text } = await ask('POST', '/api/login', JSON.stringify({ password: PASSWORD }))
      token = (JSON.parse(text) as { token: string }).token
    },
  }
}

async function startWithFewFiles(cwd: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn('sh', ['-c', `ulimit -n 64; exec "${process.execPath}" "${MAIN}"`], {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      SHELL: '/bin/sh',
      AI_CONDUCTOR_ADDR: '127.0.0.1:0',
      AI_CONDUCTOR_PASSWORD: PASSWORD,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  const url = await until(() => /^Listening on (\S+)$/m.exec(stdout)?.[1], { timeoutMs: 20_000 })
  return { child, url }
}

it('out of file descriptors: no session can be made, which is said, and the server goes on and recovers', async () => {
  const { url } = await startWithFewFiles(temporaryFolder(onTestFinished))
  const { ask, logIn } = caller(url)
  await logIn()
  const before = await ask('POST', '/api/sessions')
  expect(before.status).toBe(201)

  const hoard: Socket[] = []
  let refused = 0
  onTestFinished(() => {
    for (const socket of hoard) socket.destroy()
  })
  for (let i = 0; i < 80; i++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => refused++)
    hoard.push(socket)
  }
  await until(() => refused > 0)

  const without = await ask('POST', '/api/sessions')
  expect(without.status).toBe(503)
  expect(JSON.parse(without.text)).toMatchObject({ code: 'TOO_MANY_FILES' })
  expect(await ask('GET', '/api/health')).toMatchObject({ status: 200 })
  const { id } = JSON.parse(before.text) as { id: string }
  const list = JSON.parse((await ask('GET', '/api/sessions')).text) as object[]
  expect(list).toMatchObject([{ id, status: 'running' }])

  for (const socket of hoard) socket.destroy()
  const after = await until(async () => {
    const answer = await ask('POST', '/api/sessions')
    return answer.status === 201 ? answer : undefined
  })
  for (const { text } of [before, after])
    await ask('DELETE', `/api/sessions/${(JSON.parse(text) as { id: string }).id}`)
  expect((await ask('GET', '/api/sessions')).text).toBe('[]')
})
