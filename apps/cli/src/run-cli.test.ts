import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@conductor/machine'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeServer, type Route, type Routes, TOKEN, writeRunFile } from './testing/fake-server.ts'
import { ran, run } from './testing/run.ts'

const WEB = {
  ...{ name: 'web', phase: 'running', ready: true, pid: 4242, restarts: 2 },
  ...{ spec: { name: 'web' }, startedAt: '1970-01-01T00:00:00.000Z' },
  usage: { rssBytes: 45_200_000, cpuPercent: 3.14 },
}
const DB = {
  ...{ name: 'db@1', phase: 'backoff', ready: false, restarts: 7 },
  ...{ spec: { name: 'db', groups: ['data'] }, nextTryAt: '1970-01-01T01:00:05.000Z' },
}

/** A folder with a server on `./data`. */
async function setup(routes: Routes = {}) {
  const cwd = temporaryFolder(onTestFinished)
  const server = await fakeServer(onTestFinished, join(cwd, 'data'), routes)
  return { cwd, server }
}

/** One hour after 1970 began. */
const clock: Clock = { ...systemClock, date: () => 3_600_000 }

describe('ps', () => {
  it('prints a table', async () => {
    const { cwd, server } = await setup({ 'GET /api/processes': () => [WEB, DB] })
    const { out, exitCode } = await ran(cwd, ['ps'], { clock })
    expect(exitCode).toBe(0)
    expect(out).toBe(
      [
        'NAME  STATE    READY  PID   UPTIME  RESTARTS  CPU   MEMORY    NEXT TRY',
        'web   running  yes    4242  1h 0m   2         3.1%  43.1 MiB  -',
        'db@1  backoff  no     -     -       7         -     -         in 5s',
        '',
      ].join('\n'),
    )
    expect(server.asked[0]?.headers).toMatchObject({
      'x-session-token': TOKEN,
      'x-conductor-actor': 'conductor ps',
    })
    expect(server.asked[0]?.line).not.toContain(TOKEN)
  })

  it('prints JSON for programs', async () => {
    const { cwd } = await setup({ 'GET /api/processes': () => [WEB, DB] })
    expect(JSON.parse((await ran(cwd, ['ps', '--json'])).out)).toEqual([WEB, DB])
  })
})

describe('finding the server', () => {
  it.each([
    [['--state-dir', 'state', 'ps'], {}],
    [['ps', '--state-dir', 'state'], {}],
    [['ps'], { AI_CONDUCTOR_STATE_DIR: 'state' }],
    [['ps'], { AI_CONDUCTOR_DATA_DIR: './state/sessions' }],
    [['ps'], { AI_CONDUCTOR_CONFIG: 'config.json' }],
  ])('goes by %j and %j', async (args, env) => {
    const cwd = temporaryFolder(onTestFinished)
    writeFileSync(join(cwd, 'config.json'), '{"stateDir": "state"}')
    const routes = { 'GET /api/processes': () => [] }
    await fakeServer(onTestFinished, join(cwd, 'state'), routes)
    expect(await ran(cwd, args, { env })).toMatchObject({ exitCode: 0, err: '' })
  })

  it('says in one line that none runs, and what to do', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const { err, exitCode, out } = await ran(cwd, ['ps'])
    expect([exitCode, out]).toEqual([1, ''])
    expect(err).toMatch(
      /^conductor: no server runs on .*data; start one with: conductor start.*\n$/,
    )
  })

  it('believes no run-file whose process has ended, though its pid was given away again', async () => {
    const { cwd, server } = await setup({ 'GET /api/processes': () => [] })
    const identity = { ...identifySelf(), startTime: '1' }
    writeRunFile(join(cwd, 'data'), { url: server.url, identity })
    const { err, exitCode } = await ran(cwd, ['ps'])
    expect(exitCode).toBe(1)
    expect(err).toContain('has ended without a goodbye')
    expect(server.asked).toEqual([])
  })

  it('gives its token to nobody who has the port now', async () => {
    const { cwd, server } = await setup({ 'GET /api/processes': () => [] })
    writeRunFile(join(cwd, 'data'), { url: server.url, pid: 1 })
    const { err, exitCode } = await ran(cwd, ['ps'])
    expect(exitCode).toBe(1)
    expect(err).toContain('is not the server of the run-file')
    expect(server.asked).toEqual([])
  })

  it.each([
    ['', 'is starting'],
    ['http://127.0.0.1:9', 'no answer'],
  ])('with the address %j says: %s', async (url, text) => {
    const cwd = temporaryFolder(onTestFinished)
    writeRunFile(join(cwd, 'data'), { url })
    const { err, exitCode } = await ran(cwd, ['ps'])
    expect(exitCode).toBe(1)
    expect(err).toMatch(new RegExp(`^conductor: .*${text}.*\\n$`))
  })

  it('says when the run-file or the config file is none', async () => {
    const cwd = temporaryFolder(onTestFinished)
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'data', 'running.json'), '{}')
    expect((await ran(cwd, ['ps'])).err).toContain('is no run-file')
    const env = { AI_CONDUCTOR_CONFIG: 'nope.json' }
    expect((await ran(cwd, ['ps'], { env })).err).toContain('AI_CONDUCTOR_CONFIG')
  })
})

describe('up', () => {
  const events =
    (processes: readonly object[]): Route =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('retry: 2000\n\nevent: processes\ndata: []\n\n')
      for (const process of processes)
        response.write(`event: process.changed\ndata: ${JSON.stringify({ process })}\n\n`)
      return undefined
    }

  it('sends the file, and says of each process when it is ready, while others are not', async () => {
    let finish: (() => void) | undefined
    const { cwd, server } = await setup({
      'GET /api/events': events([WEB, { ...WEB, name: 'other', spec: { name: 'other' } }]),
      'PUT /api/processes': () =>
        new Promise((resolve) => {
          finish = () => resolve([WEB, { ...DB, phase: 'running', ready: true, pid: 7 }])
        }),
    })
    const file = { processes: { web: { command: 'node' }, db: { command: 'db' } } }
    writeFileSync(join(cwd, 'conductor.json'), JSON.stringify(file))
    const running = run(cwd, ['up'])
    await until(() => running.out.toString() === 'web is ready (pid 4242)\n' && finish)
    finish?.()
    expect(await running.exitCode).toBe(0)
    expect(running.out.toString()).toBe('web is ready (pid 4242)\ndb@1 is ready (pid 7)\n')
    expect(server.asked.at(-1)).toMatchObject({
      line: 'PUT /api/processes?wait=true',
      body: { processes: [{ name: 'web', command: 'node' }, { name: 'db' }] },
    })
  })

  it('with names starts those of the file; names alone, those that are known', async () => {
    const { cwd, server } = await setup({
      'GET /api/events': events([]),
      'PUT /api/processes': () => [WEB, DB],
      'POST /api/processes/up': () => [WEB, DB],
    })
    writeFileSync(join(cwd, 'my.yaml'), 'processes:\n  web:\n    command: node\n')
    expect((await ran(cwd, ['up', 'my.yaml', 'web'])).out).toBe('web is ready (pid 4242)\n')
    expect(server.asked.at(-1)?.body).toMatchObject({ start: ['web'] })
    expect((await ran(cwd, ['up', 'data', '--no-wait'])).out).toBe('db@1 is backoff\n')
    expect(server.asked.at(-1)).toMatchObject({
      line: 'POST /api/processes/up?wait=false',
      body: { names: ['data'] },
    })
  })

  it('says in a line each what is wrong with the file, with place and field, and asks nobody', async () => {
    const { cwd, server } = await setup()
    writeFileSync(join(cwd, 'conductor.json'), '{\n  "processes": {\n    "web": {}\n  }\n}\n')
    const { err, exitCode } = await ran(cwd, ['up'])
    expect(exitCode).toBe(1)
    expect(err).toMatch(/^conductor: \S*conductor\.json:3:\d+: processes\.web\.command .*\n$/)
    expect(server.asked).toEqual([])
  })

  it('says what to write where there is no file', async () => {
    const { cwd } = await setup()
    expect(await ran(cwd, ['up'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('conductor up FILE'),
    })
    expect(await ran(cwd, ['up', './nope.json'])).toMatchObject({ exitCode: 1 })
  })

  it('fails with the server’s own words', async () => {
    const { cwd } = await setup({
      'GET /api/events': events([]),
      'POST /api/processes/up': (_, response) => {
        response.writeHead(504).end('{"error":"Timeout waiting for socket","code":"START_TIMEOUT"}')
      },
    })
    expect(await ran(cwd, ['up', 'web'])).toEqual({
      ...{ exitCode: 1, out: '', err: 'conductor: Timeout waiting for socket\n' },
    })
  })
})

describe('down, restart and why', () => {
  it('name what they did', async () => {
    const { cwd, server } = await setup({
      'POST /api/processes/down': () => [WEB, { ...DB, phase: 'stopped' }],
      'POST /api/processes/web%401/restart': () => [WEB],
    })
    expect((await ran(cwd, ['down', 'data'])).out).toBe('db@1 is stopped\n')
    expect(server.asked.at(-1)).toMatchObject({
      headers: { 'x-conductor-actor': 'conductor down' },
      body: { names: ['data'] },
    })
    expect((await ran(cwd, ['restart', 'web@1'])).out).toBe('web is ready (pid 4242)\n')
  })

  it('why tells the reasons, and lets no daemon steer the terminal', async () => {
    const text = ['It failed 3 times.', '  | a\u001b]0;evil\u0007b']
    const why = { name: 'web', phase: 'backoff', text, blockedBy: [] }
    const { cwd } = await setup({ 'GET /api/processes/web/why': () => why })
    const { out } = await ran(cwd, ['why', 'web'])
    expect(out).toBe('web is backoff\n  It failed 3 times.\n    | a\ufffd]0;evil\ufffdb\n')
    expect(JSON.parse((await ran(cwd, ['why', 'web', '--json'])).out)).toEqual(why)
  })
})

describe('the command line', () => {
  it.each([
    [['nonsense'], 2],
    [['ps', '--nonsense'], 2],
    [['logs'], 2],
    [['logs', 'web', '-n', 'all'], 2],
    [['restart', 'a', 'b'], 2],
    [['start', '--timeout', 'soon'], 2],
    [['completion', 'tcsh'], 2],
    [['attach', 'x'], 2],
    [['check', '--nonsense'], 3],
    [['logs', 'check', '--nonsense'], 2],
  ])('used wrongly as %j ends with %i and says why', async (args, code) => {
    const { err, exitCode, out } = await ran(temporaryFolder(onTestFinished), args)
    expect([exitCode, out]).toEqual([code, ''])
    expect(err).toMatch(/^conductor: .*\n/)
  })

  it('shows every command with --help', async () => {
    const { out, exitCode } = await ran('/', ['--help'])
    expect(exitCode).toBe(0)
    const names =
      'serve start stop restart status doctor ps up down why ls new attach send logs kill restore record check daemon-status completion'.split(
        ' ',
      )
    for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'))
    for (const name of names) expect((await ran('/', [name, '--help'])).exitCode).toBe(0)
  })

  it('gives serve every path of its settings, absolute', async () => {
    const given: Readonly<Record<string, string>>[] = []
    const serve = async (settings: Readonly<Record<string, string>>) => void given.push(settings)
    await ran('/srv', ['serve', '--state-dir', 'state'], { serve })
    await ran('/srv', ['serve'], { serve })
    const env = { AI_CONDUCTOR_STATE_DIR: 'state', AI_CONDUCTOR_PID_FILE: 'pid' }
    await ran('/srv', ['serve'], { serve, env })
    const folders = (stateDir: string, dataDir: string) => ({
      AI_CONDUCTOR_STATE_DIR: stateDir,
      AI_CONDUCTOR_DATA_DIR: dataDir,
    })
    expect(given).toEqual([
      folders('/srv/state', '/srv/state/sessions'),
      folders('/srv/data', '/srv/data/sessions'),
      { ...folders('/srv/state', '/srv/data/sessions'), AI_CONDUCTOR_PID_FILE: '/srv/pid' },
    ])
  })
})
