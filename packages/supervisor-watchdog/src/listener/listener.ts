import { randomUUID } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '@conductor/machine'
import { lengthTrouble } from '../endpoint.ts'
import { type ClientInfo, createFirstLine } from '../first-line.ts'
import { codeOf, SupervisorWatchdogError } from '../supervisor-watchdog-error.ts'
import { keepOpen } from '../upkeep.ts'
import { knock } from './knock.ts'
import { type FileId, publish, restore, withdraw } from './publish.ts'

/** After a failed accept, as the Go original waits; a path that is held is asked for again each second. */
const WAITS = { firstMs: 200, longestMs: 1_000 }

/** With these nobody can look whether a client was late. They pass. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

/** What a listener has to tell, when `clients` and `listening` are up to date. */
export type ListenerEvent =
  | { readonly type: 'listening' | 'joined' | 'left' | 'probe' | 'empty' | 'unsure' }
  | { readonly type: 'trouble'; readonly error: SupervisorWatchdogError }

export interface Listener {
  readonly listening: boolean
  /** Oldest first. */
  readonly clients: readonly ClientInfo[]
  /** Lets nobody new find us, and tells `joined` for each who found us in time, or `empty`, or `unsure`. */
  withdraw(): void
  /** Undoes `withdraw`. */
  publish(): void
  /** No listener and no clients, for good. Resolves when the system has let go of all of it. */
  end(): Promise<void>
}

export type OpenListener = (
  options: { readonly path: string; readonly clock: Clock },
  tell: (event: ListenerEvent) => void,
) => Listener

interface Own {
  readonly server: Server
  readonly file: FileId | undefined
  /** The private name while it is withdrawn. */
  hidden?: string | undefined
}

/** @param makeServer What listens; tests bring one that fails. */
export function openListener(
  { path, clock }: Parameters<OpenListener>[0],
  tell: (event: ListenerEvent) => void,
  makeServer: () => Server = createServer,
): Listener {
  const clients = new Map<Socket, ClientInfo>()
  const sockets = new Set<Socket>()
  const pending = new Set<Promise<void>>()
  let own: Own | undefined
  let opening: Server | undefined
  let drain: { readonly token: string; readonly late: Set<Socket> } | undefined
  let lastTrouble: SupervisorWatchdogError | undefined

  const upkeep = keepOpen({ waits: WAITS, clock, open: () => track(open()), drop })

  async function open(): Promise<void> {
    const tooLong = lengthTrouble(path)
    // Time does not heal it, so there is no second try.
    if (tooLong) return trouble(tooLong)
    const server = makeServer()
    opening = server
    server.on('connection', accept)
    try {
      const file = await publish(server, path)
      if (opening !== server) return abandon({ server, file })
      own = { server, file }
      server.on('error', (cause) => {
        if (own?.server !== server) return
        trouble(new SupervisorWatchdogError('NOT_ACCEPTED', cause.message, { cause }))
        upkeep.send('lost')
      })
      upkeep.send('opened')
      tell({ type: 'listening' })
    } catch (error) {
      abandon({ server, file: undefined })
      if (opening !== server) return
      // `publish` throws nothing else.
      trouble(error as SupervisorWatchdogError)
      upkeep.send('lost')
    } finally {
      if (opening === server) opening = undefined
    }
  }

  /** Those who are connected stay so. */
  function drop(): void {
    const last = own
    own = undefined
    opening = undefined
    if (last) abandon(last)
    settle('unsure')
  }

  function abandon({ server, file, hidden }: Own): void {
    server.on('error', () => {})
    const name = hidden ?? (file === undefined ? undefined : hide(file))
    if (name !== undefined) forget(name)
    track(new Promise((resolve) => server.close(() => resolve())))
  }

  /** What `end` has to wait for. */
  function track(work: Promise<void>): void {
    pending.add(work)
    void work.then(() => pending.delete(work))
  }

  function hide(file: FileId): string | undefined {
    try {
      return withdraw(path, file)
    } catch (cause) {
      const text = `cannot withdraw ${path}; the next daemon will find it stale`
      trouble(new SupervisorWatchdogError('NOT_BOUND', text, { cause }))
      return undefined
    }
  }

  function accept(socket: Socket): void {
    sockets.add(socket)
    const read = createFirstLine((line) => {
      if (line.kind === 'probe') probed(socket, line.token)
      else if (clients.has(socket)) clients.set(socket, line.info)
    })
    socket.on('data', read)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      drain?.late.delete(socket)
      if (clients.delete(socket)) tell({ type: 'left' })
    })
    if (drain) drain.late.add(socket)
    else admit(socket)
  }

  function admit(socket: Socket): void {
    lastTrouble = undefined
    clients.set(socket, {})
    tell({ type: 'joined' })
  }

  function probed(socket: Socket, token: string): void {
    drain?.late.delete(socket)
    const counted = clients.delete(socket)
    socket.destroy()
    if (counted) tell({ type: 'probe' })
    // The system accepts in the order of the connects: who came before us has been seen.
    if (drain?.token === token) settle('empty')
  }

  function settle(otherwise: 'empty' | 'unsure'): void {
    const last = drain
    drain = undefined
    if (!last) return
    for (const socket of last.late) admit(socket)
    if (last.late.size === 0) tell({ type: otherwise })
  }

  function startDrain(): void {
    const mine = { token: randomUUID(), late: new Set<Socket>() }
    drain = mine
    const end = (found: 'empty' | 'unsure'): void => {
      if (drain === mine) settle(found)
    }
    // Nobody can be late where nobody could come; but where the system is only exhausted, it passes.
    if (!own) {
      end(EXHAUSTED.has(codeOf(lastTrouble?.cause)) ? 'unsure' : 'empty')
      return
    }
    own.hidden = own.file === undefined ? undefined : hide(own.file)
    // Without a name of our own nobody can ask. Two turns of the loop see what has come by now.
    if (own.hidden === undefined) setImmediate(() => setImmediate(() => end('empty')))
    else
      void knock(own.hidden, mine.token, true).then(() => {
        if (drain !== mine) return
        // It was accepted by nobody: the system has no descriptors left, and hangs up on all.
        trouble(
          new SupervisorWatchdogError('NOT_DRAINED', `nobody could look for clients at ${path}`),
        )
        end('unsure')
      })
  }

  function comeBack(): void {
    settle('empty')
    if (!own || own.hidden === undefined) return
    try {
      restore(own.hidden, path)
      own.hidden = undefined
    } catch (cause) {
      trouble(new SupervisorWatchdogError('NOT_BOUND', `${path} was taken meanwhile`, { cause }))
      upkeep.send('lost')
    }
  }

  function trouble(error: SupervisorWatchdogError): void {
    const news = error.message !== lastTrouble?.message
    lastTrouble = error
    // What is tried again each second is told once.
    if (news) tell({ type: 'trouble', error })
  }

  return {
    get listening() {
      return own !== undefined
    },
    get clients() {
      return [...clients.values()]
    },
    withdraw: startDrain,
    publish: comeBack,
    async end() {
      drain = undefined
      upkeep.send('close')
      for (const socket of sockets) socket.destroy()
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}

function forget(name: string): void {
  try {
    unlinkSync(name)
  } catch {
    // It has gone by itself.
  }
}
