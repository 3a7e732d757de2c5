import type { DaemonStatus } from '@conductor/health'
import { identifySelf } from '@conductor/process-identity'
import { describe, expect, it } from 'vitest'
import type { ServerState } from '../server/server-state.ts'
import { checkDisk, checkFolder, checkSocketPaths } from './folder-checks.ts'
import { checkFileLimit, checkNode, checkTmux } from './machine-checks.ts'
import { checkPort } from './port-check.ts'
import { checkProxy, type Way } from './proxy-check.ts'
import type { FileFacts, Readers } from './readers.ts'
import { checkBeat, checkClock, checkServer, checkStaleFiles } from './server-checks.ts'
import { checkCgroup, checkLinger } from './systemd-checks.ts'

/** A machine that has these files, and nothing else. */
function machine(
  files: Readonly<Record<string, string | FileFacts>> = {},
  over: Partial<Readers> = {},
): Readers {
  const stat = (path: string): FileFacts | undefined => {
    const file = files[path]
    return typeof file === 'string' ? { isFolder: false, mode: 0o600, uid: 7 } : file
  }
  return {
    ...{ platform: 'linux', nodeVersion: 'v22.1.0', uid: 7, stat },
    read: (path) => (typeof files[path] === 'string' ? String(files[path]) : undefined),
    list: (path) => [
      ...new Set(
        Object.keys(files)
          .filter((each) => each.startsWith(`${path}/`))
          .map((each) => each.slice(path.length + 1).split('/')[0] ?? ''),
      ),
    ],
    link: (path) => (typeof files[path] === 'string' ? String(files[path]) : undefined),
    disk: () => ({ freeBytes: 5e9, freeFiles: 0.5 }),
    run: async () => undefined,
    ...over,
  }
}

const folder = (mode: number, uid = 7): FileFacts => ({ isFolder: true, mode, uid })

/** Of this very process, started an hour after 1970 began. */
const runFile = {
  ...{ pid: process.pid, url: 'http://127.0.0.1:1', identity: identifySelf() },
  startedAt: '1970-01-01T01:00:00.000Z',
}
const READY: ServerState = { name: 'ready', runFile, url: runFile.url }
const HOUR = 3_600_000

it.each([
  ['v20.19.0', 'pass'],
  ['v26.0.0', 'pass'],
  ['v20.18.9', 'fail'],
  ['v18.20.0', 'fail'],
])('node %s: %s', (nodeVersion, level) => {
  expect(checkNode(machine({}, { nodeVersion })).level).toBe(level)
})

it.each([
  ['1048576', 'pass'],
  ['unlimited', 'pass'],
  ['1000', 'warn'],
  ['100', 'fail'],
])('at most %s open files: %s', (limit, level) => {
  const limits = `Limit\nMax open files            ${limit}    ${limit}    files\n`
  expect(checkFileLimit(machine({ '/proc/42/limits': limits }), 42).level).toBe(level)
})

it('tmux is no condition', async () => {
  const { level, text } = await checkTmux(machine())
  expect([level, text]).toEqual(['pass', expect.stringContaining('not installed')])
  expect((await checkTmux(machine({}, { run: async () => 'tmux 3.4' }))).text).toBe('tmux 3.4')
})

describe('the state folder', () => {
  it.each([
    [{}, 'warn', 'not there yet'],
    [{ '/s': folder(0o700) }, 'pass', 'for you alone'],
    [{ '/s': folder(0o755) }, 'warn', 'chmod 700'],
    [{ '/s': folder(0o770) }, 'fail', 'others can write'],
    [{ '/s': folder(0o500) }, 'fail', 'cannot be written'],
    [{ '/s': folder(0o700, 8) }, 'fail', 'chown -R 7'],
    [{ '/s': 'text' }, 'fail', 'no folder'],
    [
      { '/s': folder(0o700), '/s/cli-token': { isFolder: false, mode: 0o640, uid: 7 } },
      'fail',
      'chmod 600 /s/cli-token',
    ],
  ] as const)('%j: %s', (files, level, text) => {
    expect(checkFolder(machine(files), '/s')).toMatchObject({
      ...{ level, text: expect.stringContaining(text) },
    })
  })

  it.each([
    [5e9, 0.5, 'pass'],
    [5e8, 0.5, 'warn'],
    [5e7, 0.5, 'fail'],
    [5e9, 0.001, 'fail'],
  ])('%d bytes free, and %d of all files: %s', (freeBytes, freeFiles, level) => {
    const disk = () => ({ freeBytes, freeFiles })
    expect(checkDisk(machine({ '/': folder(0o755) }, { disk }), '/a/b').level).toBe(level)
  })

  it.each([
    [10, 'linux', 'pass'],
    [75, 'linux', 'warn'],
    [90, 'linux', 'fail'],
    [92, 'linux', 'fail'],
    [92, 'darwin', 'fail'],
  ])('with a path of %d bytes on %s: %s', (length, platform, level) => {
    const stateDir = `/${'s'.repeat(length - 1)}`
    const dirs = { stateDir, dataDir: `${stateDir}/sessions` }
    expect(checkSocketPaths(machine({}, { platform }), dirs).level).toBe(level)
  })
})

describe('the server', () => {
  it.each([
    [{ name: 'stopped' }, 'pass'],
    [{ name: 'stale', runFile }, 'warn'],
    [{ name: 'unhealthy', runFile, problem: 'no answer' }, 'fail'],
    [{ name: 'not-ready', runFile, problem: 'it is starting' }, 'warn'],
    [READY, 'pass'],
  ] as const)('%j: %s', (state, level) => {
    expect(checkServer(state).level).toBe(level)
  })

  const bad = (
    reason: NonNullable<DaemonStatus['reason']>,
    age_seconds?: number,
  ): DaemonStatus => ({
    ...{ status: 'UNHEALTHY', healthy: false, message: 'it is bad', reason },
    ...(age_seconds !== undefined && { age_seconds }),
  })

  it('has a heartbeat, if it runs', () => {
    const good: DaemonStatus = {
      status: 'HEALTHY',
      healthy: true,
      message: 'Last heartbeat 3s ago',
    }
    expect(checkBeat(READY, good).level).toBe('pass')
    expect(checkBeat(READY, bad('missing')).level).toBe('warn')
    expect(checkBeat(READY, bad('stuck')).level).toBe('fail')
    expect(checkBeat({ name: 'stopped' }, bad('missing')).level).toBe('pass')
  })

  it('is not from the future', () => {
    expect(checkClock(READY, bad('stale', 99), HOUR).level).toBe('pass')
    expect(checkClock(READY, bad('future', -3), HOUR).level).toBe('pass')
    expect(checkClock(READY, bad('future', -90), HOUR).text).toMatch(
      /^the server's stamps are 90 s/,
    )
    expect(checkClock(READY, bad('missing'), 0).level).toBe('fail')
  })

  it('leaves stale files only when it is proved to be gone', () => {
    const paths = { stateDir: '/s', pidFile: '/p' }
    const files = { '/p': `42\n${JSON.stringify({ pid: 42 })}\n`, '/s/cli-token': 'x' }
    const check = (state: ServerState, pid: 'dead' | 'unknown') =>
      checkStaleFiles(machine(files), paths, state, () => pid)
    expect(check({ name: 'stale', runFile }, 'dead').text).toMatch(
      /^\/s\/running.json, \/s\/cli-token, \/p:/,
    )
    expect(check(READY, 'unknown').level).toBe('pass')
    expect(checkStaleFiles(machine({ '/p': '42\n' }), paths, READY, () => 'dead').level).toBe(
      'pass',
    )
  })
})

describe('the port', () => {
  const tcp = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  7 0 555 1',
    '   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  7 0 556 1',
  ].join('\n')
  const files = {
    '/proc/net/tcp': tcp,
    '/proc/42/fd/3': 'socket:[555]',
    '/proc/42/comm': 'nginx\n',
  }

  it.each([
    ['127.0.0.1:8080', files, undefined, 'fail', 'pid 42 (nginx)'],
    ['127.0.0.1:8080', files, 42, 'pass', "8080 is the server's"],
    ['127.0.0.1:8080', files, 43, 'warn', 'pid 42 (nginx)'],
    ['127.0.0.1:8080', { '/proc/net/tcp': tcp }, undefined, 'fail', 'another user'],
    // Only connected there, and not listening.
    [':8081', files, undefined, 'pass', '8081 is free'],
    ['127.0.0.1:0', files, undefined, 'pass', 'whichever is free'],
    ['here', files, undefined, 'fail', 'no HOST:PORT'],
  ] as const)('%s: who has it is found', (address, found, pid, level, text) => {
    expect(checkPort(machine(found), address, pid)).toMatchObject({
      ...{ level, text: expect.stringContaining(text) },
    })
  })
})

describe('systemd', () => {
  const inUnit = (path: string) => ({ '/proc/42/cgroup': `0::${path}\n` })
  const service = inUnit('/system.slice/conductor.service')
  const users = inUnit('/user.slice/user-7.slice/user@7.service/app.slice/conductor.service')
  const login = inUnit('/user.slice/user-7.slice/session-3.scope')
  const yes = {
    '/etc/systemd/logind.conf': '[Login]\n#KillUserProcesses=no\nKillUserProcesses=yes\n',
  }

  it.each([
    [inUnit('/'), undefined, 'pass'],
    [service, 'process', 'pass'],
    [service, 'control-group', 'fail'],
    [service, 'mixed', 'fail'],
    [service, undefined, 'warn'],
    [users, 'control-group', 'fail'],
    [login, undefined, 'pass'],
    [{ ...login, ...yes }, undefined, 'fail'],
  ])('in %j with KillMode=%s: %s', async (files, killMode, level) => {
    const asked: string[] = []
    const run = async (...args: readonly string[]) => {
      asked.push(args.join(' '))
      return killMode
    }
    expect((await checkCgroup(machine(files, { run }), 42)).level).toBe(level)
    if (files === users)
      expect(asked).toEqual(['systemctl --user show -P KillMode conductor.service'])
  })

  it('needs to linger for a unit of the user alone', () => {
    const linger = { '/var/lib/systemd/linger/me': '' }
    expect(checkLinger(machine(service), 'me', 42).level).toBe('pass')
    expect(checkLinger(machine(users), 'me', 42).text).toContain('loginctl enable-linger me')
    expect(checkLinger(machine({ ...users, ...linger }), 'me', 42).level).toBe('pass')
  })
})

describe('a proxy', () => {
  const good: Way = {
    get: async () => ({ status: 200, text: '{"status":"ok"}' }),
    upgrade: async () => ({ closeCode: 4401 }),
    stream: async () => true,
  }
  const levels = async (over: Partial<Way>) =>
    (await checkProxy({ ...good, ...over }, 'https://c.example')).map(({ level }) => level)

  it('passes everything on, or it is said what it does not', async () => {
    expect(await levels({})).toEqual(['pass', 'pass', 'pass'])
    expect(await levels({ upgrade: async () => ({ status: 400 }) })).toEqual([
      'pass',
      'fail',
      'pass',
    ])
    expect(await levels({ upgrade: async () => ({ closeCode: 1006 }) })).toContain('fail')
    expect(await levels({ stream: async () => false })).toEqual(['pass', 'pass', 'fail'])
    expect(await levels({ stream: async () => undefined })).toEqual(['pass', 'pass', 'warn'])
    expect(await levels({ get: async () => ({ status: 502, text: '' }) })).toEqual(['fail'])
    expect(await levels({ get: () => Promise.reject(new Error('refused')) })).toEqual(['fail'])
  })

  it('whose name the server does not know is told from one that is broken', async () => {
    const get = async () => ({ status: 403, text: '{"code":"WRONG_HOST"}' })
    const [found] = await checkProxy({ ...good, get }, 'https://c.example')
    expect(found?.text).toContain('AI_CONDUCTOR_ALLOWED_ORIGINS=https://c.example')
  })
})
