import type { DaemonStatus } from '@conductor/health'
import { identifySelf } from '@conductor/process-identity'
import { describe, expect, it } from 'vitest'
import type { ServerState } from '../server/server-state.ts'
import type { Finding } from './finding.ts'
import { checkDisk, checkFolder, checkSocketPaths } from './folder-checks.ts'
import { checkFileLimit, checkInit, checkNode, checkPty, checkTmux } from './machine-checks.ts'
import { checkPort } from './port-check.ts'
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
    openPty: () => undefined,
    ...over,
  }
}

/** All that a finding tells: what, why and what to type. */
const told = ({ text, why, fix }: Finding) => [text, why, fix].join('\n')

/** One that is not well says why that matters and what to type; one that is has nothing to add. */
function judged(finding: Finding): Finding['level'] {
  const more = [finding.why, finding.fix].filter(Boolean)
  expect(more).toHaveLength(finding.level === 'pass' ? 0 : 2)
  return finding.level
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
  expect(judged(checkNode(machine({}, { nodeVersion })))).toBe(level)
})

it.each([
  ['1048576', 'pass'],
  ['unlimited', 'pass'],
  ['1000', 'warn'],
  ['100', 'fail'],
])('at most %s open files: %s', (limit, level) => {
  const limits = `Limit\nMax open files            ${limit}    ${limit}    files\n`
  expect(judged(checkFileLimit(machine({ '/proc/42/limits': limits }), 42))).toBe(level)
})

it.each([
  [1, 'warn'],
  [4711, 'pass'],
  [undefined, 'pass'],
])('a server that is pid %s: %s', (pid, level) => {
  expect(judged(checkInit(pid))).toBe(level)
})

it('tmux is no condition', async () => {
  const { level, text } = await checkTmux(machine())
  expect([level, text]).toEqual(['pass', expect.stringContaining('not installed')])
  expect((await checkTmux(machine({}, { run: async () => 'tmux 3.4' }))).text).toBe('tmux 3.4')
})

it.each([
  [undefined, 'pass', 'opens a terminal'],
  ["Cannot find module 'node-pty/lib/utils.js'", 'fail', 'rebuild node-pty'],
  ['Failed to load native module: pty.node, checked: build/Release', 'fail', 'rebuild node-pty'],
  ['The module was compiled against a different Node.js version', 'fail', 'rebuild node-pty'],
  ['openpty(3) failed.', 'fail', '/dev/pts'],
])('a node-pty that says %s: %s', (problem, level, text) => {
  const found = checkPty(machine({}, { openPty: () => problem }))
  expect([judged(found), told(found)]).toEqual([level, expect.stringContaining(text)])
})

it('of several folders the one with the fullest disk counts', () => {
  const files = { '/s': folder(0o700), '/d': folder(0o700) }
  const disk = (path: string) => ({ freeBytes: path === '/d' ? 5e7 : 5e9, freeFiles: 0.5 })
  expect(checkDisk(machine(files, { disk }), '/s', '/d')).toMatchObject({
    ...{ level: 'fail', text: expect.stringContaining('for /d') },
  })
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
    [{ '/s': folder(0o700), '/d': folder(0o755) }, 'fail', 'chmod 700 /d'],
    [{ '/s': folder(0o700), '/d': folder(0o700) }, 'pass', 'for you alone'],
    [{ '/s': folder(0o700), '/s/processes': folder(0o750) }, 'fail', 'chmod 700 /s/processes'],
  ] as const)('%j: %s', (files, level, text) => {
    const found = checkFolder(machine(files), '/s', '/d')
    expect([judged(found), told(found)]).toEqual([level, expect.stringContaining(text)])
  })

  it.each([
    [5e9, 0.5, 'pass'],
    [5e8, 0.5, 'warn'],
    [5e7, 0.5, 'fail'],
    [5e9, 0.001, 'fail'],
  ])('%d bytes free, and %d of all files: %s', (freeBytes, freeFiles, level) => {
    const disk = () => ({ freeBytes, freeFiles })
    expect(judged(checkDisk(machine({ '/': folder(0o755) }, { disk }), '/a/b'))).toBe(level)
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
    expect(judged(checkSocketPaths(machine({}, { platform }), dirs))).toBe(level)
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
    expect(judged(checkServer(state))).toBe(level)
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
    expect(judged(checkBeat(READY, good))).toBe('pass')
    expect(judged(checkBeat(READY, bad('missing')))).toBe('warn')
    expect(judged(checkBeat(READY, bad('stuck')))).toBe('fail')
    expect(judged(checkBeat({ name: 'stopped' }, bad('missing')))).toBe('pass')
  })

  it('is not from the future', () => {
    expect(judged(checkClock(READY, bad('stale', 99), HOUR))).toBe('pass')
    expect(judged(checkClock(READY, bad('future', -3), HOUR))).toBe('pass')
    expect(checkClock(READY, bad('future', -90), HOUR).text).toMatch(
      /^the server's stamps are 90 s/,
    )
    expect(judged(checkClock(READY, bad('missing'), 0))).toBe('fail')
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
    expect(judged(checkStaleFiles(machine({ '/p': '42\n' }), paths, READY, () => 'dead'))).toBe(
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
    const finding = checkPort(machine(found), address, pid)
    expect([judged(finding), told(finding)]).toEqual([level, expect.stringContaining(text)])
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
    expect(judged(await checkCgroup(machine(files, { run }), 42))).toBe(level)
    if (files === users)
      expect(asked).toEqual(['systemctl --user show -P KillMode conductor.service'])
  })

  it('needs to linger for a unit of the user alone', () => {
    const linger = { '/var/lib/systemd/linger/me': '' }
    expect(judged(checkLinger(machine(service), 'me', 42))).toBe('pass')
    expect(told(checkLinger(machine(users), 'me', 42))).toContain('loginctl enable-linger me')
    expect(judged(checkLinger(machine({ ...users, ...linger }), 'me', 42))).toBe('pass')
  })
})
