import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNotifier } from './notifier.ts'
import { isSdNotifyError, type SdNotifyError } from './sd-notify-error.ts'
import { runService } from './testing/program.ts'
import { type Receiver, startReceiver } from './testing/receiver.ts'

const onPath = (): string => join(temporaryFolder(onTestFinished), 'notify')
const abstract = (): string => `@sd-notify-test-${process.pid}-${Math.random()}`
const isRoot = process.getuid?.() === 0

/** More messages than the queue of a unix socket holds: 10 by Linux' default, 512 where systemd has set it. */
const MANY = 600

/** Nothing of the session that runs the tests, so that no real systemd hears of them. */
const envOf = ({ address }: Receiver) => ({ PATH: process.env['PATH'], NOTIFY_SOCKET: address })

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(process.platform !== 'linux')('an inherited socket', () => {
  it.each([
    ['at a path', onPath],
    ['at an abstract address', abstract],
  ])('%s carries each message from the very process, before the call returns', async (_, make) => {
    const receiver = await startReceiver(make())
    const service = runService(
      `const notifier = sd.createNotifier()
      console.log(process.pid, notifier.transport)
      notifier.ready('up')
      for (let n = 0; n < 5; n++) notifier.status('step ' + n)
      notifier.stopping()
      process.exit()`,
      { env: { NOTIFY_SOCKET: receiver.address } },
    )
    expect(await service.output()).toBe(`${service.pid} fd\n`)
    const steps = Array.from({ length: 5 }, (_, n) => `STATUS=step ${n}`)
    expect(await receiver.texts(7)).toEqual(['READY=1\nSTATUS=up', ...steps, 'STOPPING=1'])
    expect(new Set(receiver.received.map(({ pid }) => pid))).toEqual(new Set([service.pid]))
  })

  it('opened by systemd itself, named sd-notify, is used and is no socket to listen on', async () => {
    const receiver = await startReceiver(onPath())
    const service = runService(
      `const notifier = sd.createNotifier()
      console.log(notifier.transport, JSON.stringify(sd.listenFds()))
      await notifier.ready()`,
      {
        env: { NOTIFY_SOCKET: receiver.address },
        // What `OpenFile=` does, by hand: descriptor 3 is connected, and so is announced.
        wrap: (command) => [
          'python3',
          '-I',
          '-c',
          `import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET']); s.set_inheritable(True)
assert s.fileno() == 3
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='sd-notify')
os.execvp(sys.argv[1], sys.argv[1:])`,
          ...command,
        ],
      },
    )
    expect(await service.output()).toBe('fd []\n')
    expect(await receiver.texts(1)).toEqual(['READY=1'])
    expect(receiver.received[0]?.pid).toBe(service.pid)
  })

  it('waits for a systemd whose queue is full, keeps the order, and loses nothing', async () => {
    const receiver = await startReceiver(onPath(), 'hold')
    const service = runService(
      `const notifier = sd.createNotifier()
      const all = []
      for (let n = 0; n < ${MANY}; n++) all.push(notifier.status(String(n)))
      const later = all.map((each, n) => each.then(() => notifier.status('later ' + n)))
      console.log('not blocked')
      console.log([...new Set(await Promise.all([...all, ...later]))].join())`,
      { env: { NOTIFY_SOCKET: receiver.address } },
    )
    let said = ''
    service.child.stdout?.on('data', (chunk) => {
      said += chunk
    })
    await until(() => said.includes('not blocked'), { timeoutMs: 15_000 })
    expect(receiver.received).toEqual([])
    receiver.release()
    expect(await service.output()).toBe('not blocked\nsent\n')
    const numbers = Array.from({ length: MANY }, (_, n) => n)
    expect(await receiver.texts(2 * MANY)).toEqual([
      ...numbers.map((n) => `STATUS=${n}`),
      ...numbers.map((n) => `STATUS=later ${n}`),
    ])
  })

  it('of which nobody reads in time fails, with the reason', async () => {
    const receiver = await startReceiver(onPath(), 'hold')
    const service = runService(
      `const troubles = []
      const notifier = sd.createNotifier({ timeoutMs: 50, onTrouble: (error) => troubles.push(error) })
      const all = await Promise.all(Array.from({ length: ${MANY} }, () => notifier.watchdog().then((it) => {
        if (it === 'failed') { console.log(it, troubles[0].code, troubles[0].cause.message); process.exit() }
      })))`,
      { env: { NOTIFY_SOCKET: receiver.address } },
    )
    expect(await service.output()).toBe(
      "failed NOT_SENT systemd's queue was full for 50 ms (EAGAIN)\n",
    )
  })

  it('does not go on to children', async () => {
    const receiver = await startReceiver(onPath())
    const service = runService(
      `import { execFileSync } from 'node:child_process'
      import { readlinkSync } from 'node:fs'
      const [fd, inode] = process.env.CONDUCTOR_NOTIFY_FD.split(':')
      console.log(readlinkSync('/proc/self/fd/' + fd) === 'socket:[' + inode + ']')
      console.log(execFileSync('ls', ['-l', '/proc/self/fd']).includes('socket:[' + inode + ']'))`,
      { env: { NOTIFY_SOCKET: receiver.address } },
    )
    expect(await service.output()).toBe('true\nfalse\n')
  })

  it('is not believed in when its number is another file by now', async () => {
    const receiver = await startReceiver(onPath())
    const file = join(temporaryFolder(onTestFinished), 'data')
    const fd = openSync(file, 'w')
    onTestFinished(() => closeSync(fd))
    const troubles: SdNotifyError[] = []
    const notifier = createNotifier({
      env: { ...envOf(receiver), CONDUCTOR_NOTIFY_FD: `${fd}:4711` },
      onTrouble: (error) => troubles.push(error),
    })
    expect(notifier.transport).toBe('systemd-notify')
    expect(troubles.map((error) => isSdNotifyError(error, 'FD_UNUSABLE'))).toEqual([true])
    await notifier.ready()
    expect(readFileSync(file, 'utf8')).toBe('')
  })
})

describe.skipIf(!has('systemd-notify'))(
  'systemd-notify (skipped where it is not installed)',
  () => {
    it.each([
      ['a path', onPath],
      ['an abstract address', abstract],
    ])('brings messages to %s, in the order of the calls', async (_, make) => {
      const receiver = await startReceiver(make())
      const notifier = createNotifier({ env: envOf(receiver) })
      expect(notifier.transport).toBe('systemd-notify')
      const outcomes = await Promise.all([
        notifier.ready('-- up = "100 %" $HOME'),
        ...Array.from({ length: 10 }, (_, n) => notifier.status(`step ${n}`)),
        notifier.stopping(),
      ])
      expect(new Set(outcomes)).toEqual(new Set(['sent']))
      const steps = Array.from({ length: 10 }, (_, n) => `STATUS=step ${n}`)
      expect(await receiver.texts(12)).toEqual([
        'READY=1\nSTATUS=-- up = "100 %" $HOME',
        ...steps,
        'STOPPING=1',
      ])
    })

    it.skipIf(!isRoot)('sends in our name as root, without declaring a main process', async () => {
      const receiver = await startReceiver(onPath())
      await createNotifier({ env: envOf(receiver) }).ready()
      expect(await receiver.texts(1)).toEqual(['READY=1'])
      expect(receiver.received[0]?.pid).toBe(process.pid)
    })

    it('still knows the address after the variables are gone', async () => {
      const receiver = await startReceiver(onPath())
      const env = envOf(receiver)
      const notifier = createNotifier({ env, unsetEnv: true })
      expect(env).toEqual({ PATH: env.PATH })
      expect(await notifier.ready()).toBe('sent')
      expect(await receiver.texts(1)).toEqual(['READY=1'])
    })

    it('that finds nobody fails, is told of, and does not stop the next message', async () => {
      const address = onPath()
      const troubles: SdNotifyError[] = []
      const notifier = createNotifier({
        env: { PATH: process.env['PATH'], NOTIFY_SOCKET: address },
        onTrouble: (error) => troubles.push(error),
      })
      expect(await notifier.ready()).toBe('failed')
      expect(troubles.map(({ code }) => code)).toEqual(['NOT_SENT'])
      const receiver = await startReceiver(address)
      expect(await notifier.ready()).toBe('sent')
      expect(await receiver.texts(1)).toEqual(['READY=1'])
    })
  },
)

describe('a program for each message', () => {
  const NOTIFY_SOCKET = '/nobody/listens'

  it('that is missing fails with the fix', async () => {
    const troubles: SdNotifyError[] = []
    const notifier = createNotifier({
      env: { NOTIFY_SOCKET },
      command: '/nowhere/systemd-notify',
      onTrouble: (error) => troubles.push(error),
    })
    expect(await notifier.ready('up')).toBe('failed')
    expect(troubles.map(({ message }) => message)).toEqual([
      '[sd-notify/NOT_SENT] READY=1 STATUS=up by systemd-notify (it is not installed: start the service by shimCommand)',
    ])
    expect(troubles[0]?.cause).toMatchObject({ code: 'ENOENT' })
  })

  it('that hangs is killed in time, and the next one has its turn', async () => {
    const folder = temporaryFolder(onTestFinished)
    const command = join(folder, 'hangs')
    execFileSync('sh', [
      '-c',
      `printf '#!/bin/sh\\nexec sleep 1000\\n' > ${command}; chmod +x ${command}`,
    ])
    const notifier = createNotifier({
      env: { PATH: process.env['PATH'], NOTIFY_SOCKET },
      command,
      timeoutMs: 100,
    })
    expect(await Promise.all([notifier.ready(), notifier.stopping()])).toEqual(['failed', 'failed'])
  })
})
