import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeServer, type Route, type Routes } from '../testing/fake-server.ts'
import { ran } from '../testing/run.ts'

const ONE = {
  ...{ id: 'abc', name: 'one', createdAt: '2026-01-01T00:00:00.000Z', status: 'running' },
  ...{ kind: 'shell', command: '/bin/bash', args: [], cwd: '/srv', viewers: 0 },
}

async function setup(routes: Routes = {}) {
  const cwd = temporaryFolder(onTestFinished)
  const all = { 'GET /api/sessions': () => [ONE], ...routes }
  return { cwd, server: await fakeServer(onTestFinished, join(cwd, 'data'), all) }
}

/** The log of a session, as the server gives it. */
const output =
  (log: Buffer, start = 0): Route =>
  ({ line }, response) => {
    const asked = Number(/from=(\d+)/.exec(line)?.[1])
    const from = Math.min(Math.max(asked, start), log.length)
    const headers = { 'X-Conductor-Offset': String(from), 'X-Conductor-End': String(log.length) }
    return void response.writeHead(200, headers).end(log.subarray(from))
  }

describe('logs of a session', () => {
  const long = Array.from({ length: 20_000 }, (_, i) => `this is line ${i + 1}\n`).join('')

  it.each([
    ['a\nb\nc\n', 1, 'c\n'],
    ['a\nb\nc', 1, 'c'],
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc\n', 9, 'a\nb\nc\n'],
    ['a\n\n', 1, '\n'],
    ['', 3, ''],
    ['a\n', 0, ''],
    [long, 3, 'this is line 19998\nthis is line 19999\nthis is line 20000\n'],
    [long, 15_000, long.slice(long.indexOf('this is line 5001\n'))],
  ])('%j: of the last %i lines', async (text, lines, expected) => {
    const { cwd } = await setup({ 'GET /api/sessions/abc/output': output(Buffer.from(text)) })
    expect(await ran(cwd, ['logs', 'one', '-n', String(lines)])).toEqual({
      ...{ exitCode: 0, out: expected, err: '' },
    })
  })

  it('begin where its history does', async () => {
    const log = Buffer.from(`${'x'.repeat(100_000)}\nlast\n`)
    const { cwd } = await setup({ 'GET /api/sessions/abc/output': output(log, 100_001) })
    expect((await ran(cwd, ['logs', 'one', '-n', '7'])).out).toBe('last\n')
  })

  it('are asked for only when there is no such process, and always with --session', async () => {
    const process: Route = (_, response) => void response.end('of the process')
    const { cwd } = await setup({
      'GET /api/processes/one/logs': process,
      'GET /api/sessions/abc/output': output(Buffer.from('of the session')),
    })
    expect((await ran(cwd, ['logs', 'one'])).out).toBe('of the process')
    expect((await ran(cwd, ['logs', '--session', 'one'])).out).toBe('of the session')
  })
})

describe('record', () => {
  const cast = '{"version":2}\n[0,"o","hi"]\n'
  const routes = {
    'GET /api/sessions/abc/recording': (_: unknown, response: { end(text: string): void }) =>
      void response.end(cast),
  }

  it('prints, or writes a file for this user alone when it is whole', async () => {
    const { cwd, server } = await setup(routes)
    expect((await ran(cwd, ['record', 'one', '--format', 'asciicast-v3'])).out).toBe(cast)
    expect(server.asked.at(-1)?.line).toContain('format=asciicast-v3')
    expect((await ran(cwd, ['record', 'one', '-o', 'x.cast'])).exitCode).toBe(0)
    expect(readFileSync(join(cwd, 'x.cast'), 'utf8')).toBe(cast)
    expect(statSync(join(cwd, 'x.cast')).mode & 0o777).toBe(0o600)
    expect((await ran(cwd, ['record', 'one', '-o', 'no/where'])).err).toContain('cannot write')
  })

  it('leaves no half of a file behind', async () => {
    const { cwd } = await setup({
      'GET /api/sessions/abc/recording': (_, response) => {
        response.writeHead(200, { 'Content-Length': '100000' })
        response.write('some', () => response.destroy())
      },
    })
    const { exitCode, err } = await ran(cwd, ['record', 'one', '-o', 'x.cast'])
    expect([exitCode, err]).toEqual([1, expect.stringContaining('broke off')])
    expect(existsSync(join(cwd, 'x.cast')) || existsSync(join(cwd, 'x.cast.part'))).toBe(false)
  })

  it('and restore say so when the server is too old for them', async () => {
    const none: Route = (_, response) => void response.writeHead(404).end('{"error":"not found"}')
    const paths = ['GET /api/sessions/abc/recording', 'POST /api/sessions/abc/restore']
    const { cwd } = await setup(Object.fromEntries(paths.map((path) => [path, none])))
    expect((await ran(cwd, ['record', 'one'])).err).toContain('cannot export recordings')
    expect((await ran(cwd, ['restore', 'one'])).err).toContain('cannot restore sessions')
  })
})

it('restore gives the id on as it is when the list has it not, and tells what the server says', async () => {
  const refuse: Route = (_, response) =>
    void response
      .writeHead(409)
      .end('{"error":"there is nothing to resume","code":"SESSION_NOT_RESUMABLE"}')
  const { cwd } = await setup({
    'POST /api/sessions/gone/restore': () => ({ id: 'gone' }),
    'POST /api/sessions/abc/restore': refuse,
  })
  expect((await ran(cwd, ['restore', 'gone'])).out).toBe('session gone restored\n')
  expect(await ran(cwd, ['restore', 'one'])).toMatchObject({
    ...{ exitCode: 1, err: 'conductor: there is nothing to resume\n' },
  })
})

it('new takes everything after the dashes as it is, from the folder it was called in', async () => {
  const { cwd, server } = await setup({ 'POST /api/sessions': () => ONE })
  const { out } = await ran(cwd, ['new', '--name', 'one', '--', 'vim', '-u', '--json'])
  expect(out).toBe('abc\n')
  expect(server.asked.at(-1)?.body).toEqual({
    ...{ name: 'one', cwd, command: 'vim', args: ['-u', '--json'] },
  })
  await ran(cwd, ['new', '--agent', 'codex', '--prompt', 'hello'])
  expect(server.asked.at(-1)?.body).toEqual({ cwd, agent: 'codex', prompt: 'hello' })
  await ran(cwd, ['new', '--runtime', 'tmux'])
  expect(server.asked.at(-1)?.body).toEqual({ cwd, runtime: 'tmux' })
  expect((await ran(cwd, ['new', '--runtime', 'screen'])).exitCode).toBe(2)
  expect((await ran(cwd, ['new', '--attach'])).exitCode).toBe(2)
})

it('kill ends none of several when one of them is not there', async () => {
  const { cwd, server } = await setup({ 'DELETE /api/sessions/abc': () => ({ success: true }) })
  expect((await ran(cwd, ['kill', 'abc', 'nobody'])).err).toContain('no session nobody')
  expect(server.asked.filter(({ line }) => line.startsWith('DELETE'))).toEqual([])
  expect((await ran(cwd, ['kill', 'one', '--json'])).out).toBe(
    '{\n  "killed": [\n    "abc"\n  ]\n}\n',
  )
})

it('a name that steers terminals does not, in ls', async () => {
  const { cwd } = await setup({ 'GET /api/sessions': () => [{ ...ONE, name: 'a\u001b[2Jb' }] })
  expect((await ran(cwd, ['ls'])).out).toContain('a\ufffd[2Jb')
})
