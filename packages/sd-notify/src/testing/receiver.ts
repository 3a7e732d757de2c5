import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { until } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: the root's; only tests import this file
import { onTestFinished } from 'vitest'

/** One datagram, and what the kernel says of its sender. */
export interface Received {
  readonly text: string
  readonly pid: number
}

/**
 * systemd's side of the socket. It closes the descriptors it is handed: `systemd-notify` waits for that.
 * With `hold`, it reads nothing until its standard input has a line.
 */
const PROGRAM = `
import array, json, os, socket, struct, sys
address, hold = sys.argv[1], sys.argv[2] == 'hold'
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind('\\0' + address[1:] if address[0] == '@' else address)
print('null', flush=True)
if hold: sys.stdin.readline()
while True:
    data, extra, flags, peer = s.recvmsg(8192, 1024)
    pid = 0
    for level, kind, body in extra:
        if kind == socket.SCM_CREDENTIALS: pid = struct.unpack('3i', body)[0]
        elif kind == socket.SCM_RIGHTS:
            for fd in array.array('i', body): os.close(fd)
    print(json.dumps({'text': data.decode(), 'pid': pid}), flush=True)
`

export interface Receiver {
  /** For `NOTIFY_SOCKET`. */
  readonly address: string
  /** Everything so far but barriers, oldest first. */
  readonly received: readonly Received[]
  /** Waits for the first `count` messages, and returns their texts. */
  texts(count: number): Promise<string[]>
  /** Lets a receiver that was held read. */
  release(): void
}

/** Binds `address`, a path or `@abstract`, for one test. */
export async function startReceiver(
  address: string,
  hold: 'hold' | 'read' = 'read',
): Promise<Receiver> {
  const child = spawn('python3', ['-I', '-S', '-c', PROGRAM, address, hold], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const lines = createInterface({ input: child.stdout })
  const received: Received[] = []
  const bound = once(lines, 'line')
  lines.on('line', (line) => {
    const message: Received | null = JSON.parse(line)
    if (message && message.text !== 'BARRIER=1') received.push(message)
  })
  await bound
  return {
    address,
    received,
    async texts(count) {
      await until(() => received.length >= count, { timeoutMs: 15_000, what: `${count} messages` })
      return received.map(({ text }) => text)
    },
    release: () => void child.stdin.write('go\n'),
  }
}
