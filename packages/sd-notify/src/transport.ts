import { execFile } from 'node:child_process'
import { fstatSync, writeSync } from 'node:fs'
import type { Clock } from '@conductor/machine'
import { type Environment, FD_VARIABLE } from './environment.ts'
import { openFileNotifyFd } from './listen-fds.ts'
import { SdNotifyError } from './sd-notify-error.ts'

/** How messages travel: over an inherited socket, by a program run for each, or not at all. */
export type TransportName = 'fd' | 'systemd-notify' | 'none'

export interface Transport {
  readonly name: TransportName
  /** Delivers in the order of the calls. Rejects with the system's error. */
  send(text: string): Promise<void>
}

export interface TransportRules {
  readonly env: Environment
  readonly pid: number
  readonly clock: Clock
  readonly command: string
  readonly timeoutMs: number
  readonly onTrouble: (error: SdNotifyError) => void
}

/** How long a full queue of systemd gets before we knock again, in milliseconds. */
const KNOCK_AGAIN_MS = 20

/** The best way there is. `none` unless systemd has given us an address. */
export function chooseTransport(rules: TransportRules): Transport {
  const { NOTIFY_SOCKET: address } = rules.env
  if (!address) return { name: 'none', send: () => Promise.resolve() }
  const fd = inheritedSocket(rules)
  return fd === undefined ? viaCommand(rules, address) : viaFd(fd, rules)
}

/** The socket that the shim or `OpenFile=` left us, if it really is one. */
function inheritedSocket({ env, pid, onTrouble }: TransportRules): number | undefined {
  const { [FD_VARIABLE]: shim } = env
  const [, number, inode] = /^([0-9]{1,9}):([0-9]+)$/.exec(shim ?? '') ?? []
  const fd = number === undefined ? openFileNotifyFd(env, pid) : Number(number)
  if (fd === undefined) return undefined
  // Somebody may have closed it, and then its number is another file's: a message would damage that one.
  let cause: unknown
  try {
    const stats = fstatSync(fd, { bigint: true })
    if (stats.isSocket() && (inode === undefined || String(stats.ino) === inode)) return fd
  } catch (error) {
    cause = error
  }
  const text = `descriptor ${fd} is not the notification socket it was announced to be: not used`
  onTrouble(new SdNotifyError('FD_UNUSABLE', text, { cause }))
  return undefined
}

/** One write, done before `send` returns unless systemd's queue is full or others are waiting. */
function viaFd(fd: number, { clock, timeoutMs }: TransportRules): Transport {
  const queue = createQueue()

  function isWritten(text: string): boolean {
    try {
      writeSync(fd, text)
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false
      throw error
    }
  }

  async function knock(text: string): Promise<void> {
    const giveUpMs = clock.now() + timeoutMs
    while (!isWritten(text)) {
      if (clock.now() >= giveUpMs)
        throw new Error(`systemd's queue was full for ${timeoutMs} ms (EAGAIN)`)
      await new Promise<void>((resolve) => clock.setTimeout(resolve, KNOCK_AGAIN_MS))
    }
  }

  return {
    name: 'fd',
    async send(text) {
      if (queue.idle && isWritten(text)) return
      await queue.run(() => knock(text))
    },
  }
}

/**
 * One run of systemd's own program for each message.
 *
 * It waits until systemd has read the message, and as root it sends in the name of its parent, which
 * is us. It is given no `--pid`: that would also declare us the main process.
 */
function viaCommand({ env, command, timeoutMs }: TransportRules, address: string): Transport {
  const queue = createQueue()
  const options = {
    env: { PATH: env['PATH'], NOTIFY_SOCKET: address },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  } as const
  const run = (text: string) =>
    new Promise<void>((resolve, reject) => {
      execFile(command, ['--', ...text.split('\n')], options, (error) =>
        error ? reject(error) : resolve(),
      )
    })
  return { name: 'systemd-notify', send: (text) => queue.run(() => run(text)) }
}

/** Runs jobs one at a time, in order, each whatever became of the one before. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  let jobs = 0
  const done = (): void => {
    jobs--
  }
  return {
    get idle(): boolean {
      return jobs === 0
    },
    /** The first job begins before this returns. */
    run(job: () => Promise<void>): Promise<void> {
      const result = jobs++ === 0 ? job() : last.then(job)
      last = result.then(done, done)
      return result
    },
  }
}
