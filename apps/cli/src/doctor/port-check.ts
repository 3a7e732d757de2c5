import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

/** The state of a socket that listens, in `/proc/net/tcp`. */
const LISTENS = '0A'

/**
 * Who has the port that the server is to have.
 *
 * @param address As in `127.0.0.1:8080` or `:8080`.
 * @param serverPid Of the server that runs on this state folder.
 */
export function checkPort(
  readers: Readers,
  address: string,
  serverPid: number | undefined,
): Finding {
  const { pass, warn, fail } = findings('port')
  const port = Number(/:(\d+)$/.exec(address)?.[1])
  if (!Number.isInteger(port))
    return fail(
      `AI_CONDUCTOR_ADDR: ${address} is no HOST:PORT`,
      'the server does not start with it',
      'AI_CONDUCTOR_ADDR=127.0.0.1:8080',
    )
  if (port === 0) return pass('whichever is free')
  if (readers.platform !== 'linux') return pass(`${port}; who has it cannot be told on this system`)
  const sockets = listenersOn(readers, port)
  if (sockets.length === 0) return pass(`${port} is free`)
  const holders = sockets.map((inode) => holderOf(readers, inode))
  if (holders.some((pid) => pid !== undefined && pid === serverPid))
    return pass(`${port} is the server's`)
  const [pid] = holders
  const why = 'only one program can listen there, and this server would not start'
  const elsewhere = `AI_CONDUCTOR_ADDR=127.0.0.1:${port === 65_535 ? port - 1 : port + 1}`
  // A server of ours may listen elsewhere by its own environment.
  const judge = serverPid === undefined ? fail : warn
  if (pid === undefined)
    return judge(
      `${port} is taken by a process of another user`,
      why,
      `sudo ss -ltnp 'sport = :${port}' names it; or: ${elsewhere}`,
    )
  const name = readers.read(`/proc/${pid}/comm`)?.trim() ?? 'unknown'
  return judge(`${port} is taken by pid ${pid} (${name})`, why, `end it, or: ${elsewhere}`)
}

/** The inodes of the sockets that listen there, on any address. */
function listenersOn({ read }: Readers, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return ['tcp', 'tcp6'].flatMap((table) =>
    (read(`/proc/net/${table}`) ?? '').split('\n').flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      return local?.endsWith(`:${hex}`) && state === LISTENS && inode ? [inode] : []
    }),
  )
}

/** Of other users' processes nothing can be seen. */
function holderOf({ list, link }: Readers, inode: string): number | undefined {
  for (const pid of list('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const holds = list(`/proc/${pid}/fd`).some(
      (fd) => link(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    )
    if (holds) return Number(pid)
  }
  return undefined
}
