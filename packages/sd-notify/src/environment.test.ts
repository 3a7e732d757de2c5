import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scrubEnvironment, watchdogTimeoutMs } from './environment.ts'
import { listenFds } from './listen-fds.ts'
import { runService } from './testing/program.ts'

const everything = {
  NOTIFY_SOCKET: '/run/systemd/notify',
  WATCHDOG_USEC: '30000000',
  WATCHDOG_PID: '42',
  LISTEN_PID: '42',
  LISTEN_PIDFDID: '7',
  LISTEN_FDS: '3',
  LISTEN_FDNAMES: 'web:sd-notify:',
  CONDUCTOR_NOTIFY_FD: '6:4711',
}

describe('scrubEnvironment', () => {
  it('leaves nothing of systemd in the copy, and all else', () => {
    const env = { ...everything, PATH: '/bin', LISTEN_ADDR: ':8080', EMPTY: '', GONE: undefined }
    expect(scrubEnvironment(env)).toEqual({ PATH: '/bin', LISTEN_ADDR: ':8080', EMPTY: '' })
    expect(env).toMatchObject(everything)
  })

  it.each([
    ['in the copy', 'env: sd.scrubEnvironment()'],
    ['once the notifier has taken the variables', ''],
  ])('so that a grandchild sees none of them: %s', async (_, option) => {
    const service = runService(
      `import { execFileSync } from 'node:child_process'
      if (${JSON.stringify(option)} === '') { sd.createNotifier({ unsetEnv: true }); sd.listenFds({ unsetEnv: true }) }
      console.log(String(execFileSync('sh', ['-c', "sh -c 'env; :'"], { ${option} })))`,
      { env: { ...everything, HERE: 'seen' }, wrap: (command) => command },
    )
    const said = await service.output()
    expect(said).toContain('HERE=seen')
    expect(said).not.toMatch(/NOTIFY|WATCHDOG|LISTEN/)
  })
})

describe('watchdogTimeoutMs', () => {
  it.each([
    ['asked of us', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 30_000],
    ['asked of whoever hears it', { WATCHDOG_USEC: '1500' }, 1.5],
    ['asked of another process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, undefined],
    ['not asked', { WATCHDOG_PID: '42' }, undefined],
    ['zero', { WATCHDOG_USEC: '0', WATCHDOG_PID: '42' }, undefined],
    ['no number', { WATCHDOG_USEC: '30s' }, undefined],
  ])('%s', (_, env, expected) => {
    expect(watchdogTimeoutMs(env, 42)).toBe(expected)
  })
})

describe('listenFds', () => {
  it('names each descriptor, from 3 on, but the one of the notifier', () => {
    expect(listenFds({ env: everything, pid: 42 })).toEqual([
      { fd: 3, name: 'web' },
      { fd: 5, name: 'unknown' },
    ])
    expect(listenFds({ env: { LISTEN_PID: '42', LISTEN_FDS: '2' }, pid: 42 })).toEqual([
      { fd: 3, name: 'unknown' },
      { fd: 4, name: 'unknown' },
    ])
  })

  it.each([
    ['another process', { ...everything, LISTEN_PID: '43' }],
    ['nobody in particular', { LISTEN_FDS: '1' }],
    ['us, but none', { LISTEN_PID: '42', LISTEN_FDS: '0' }],
    ['us, but not a number', { LISTEN_PID: '42', LISTEN_FDS: '-1' }],
    ['us, but more than there can be', { LISTEN_PID: '42', LISTEN_FDS: '99999999999' }],
  ])('finds none that are meant for %s', (_, env) => {
    expect(listenFds({ env, pid: 42 })).toEqual([])
  })

  it('removes the variables when asked', () => {
    const env = { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web', PATH: '/bin' }
    expect(listenFds({ env, pid: 42, unsetEnv: true })).toEqual([{ fd: 3, name: 'web' }])
    expect(env).toEqual({ PATH: '/bin' })
  })

  it.skipIf(process.platform === 'win32')('a real server listens on one', async () => {
    const path = `${temporaryFolder(onTestFinished)}/web`
    const service = runService(
      `import { createServer, connect } from 'node:net'
      const [{ fd, name }] = sd.listenFds()
      const server = createServer((socket) => socket.end('hello from ' + name)).listen({ fd })
      connect(${JSON.stringify(path)}).on('data', (chunk) => { console.log(String(chunk)); server.close() })`,
      {
        env: {},
        // What a socket unit does, by hand.
        wrap: (command) => [
          'python3',
          '-I',
          '-c',
          `import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); s.set_inheritable(True)
assert s.fileno() == 3
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='web')
os.execvp(sys.argv[2], sys.argv[2:])`,
          path,
          ...command,
        ],
      },
    )
    expect(await service.output()).toBe('hello from web\n')
  })
})
