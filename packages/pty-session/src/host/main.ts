import { closeSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { closeInheritedPtys } from '../pty/pty.ts'
import { createTmuxPtys } from '../tmux/tmux-ptys.ts'
import { tmuxRoot } from '../tmux/tmux-record.ts'
import { ensurePrivateFolder, hostSocketPath, listenAt } from './endpoint.ts'
import { writeHostFile } from './host-file.ts'
import { HOST_PROTOCOL } from './messages.ts'
import { createHostServer } from './session-host.ts'

// The program that holds ptys: detached from whoever started it, in a session of its own, serving a
// unix socket until its last session has ended. See spawn.ts for its only caller.

/** Without a session and without a server, a host ends after this long, in milliseconds. */
const IDLE_EXIT_MS = 10_000

/** On SIGTERM (the machine goes down), programs get this long to end, in milliseconds. */
const TERM_GRACE_MS = 3_000

/** A host with one session has the loop to itself; one with more must share it. */
const WHOLE_BURST_BYTES = 128 * 1024
const FAIR_BURST_BYTES = 8 * 1024

/** The pipe on which the parent waits for one line. */
const READY_FD = 3

const [dir = '', shared = '', tmuxSocket = '', resume = ''] = process.argv.slice(2)

closeInheritedPtys()
process.title = 'conductor-host'

function trouble(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  try {
    writeSync(2, `${new Date().toISOString()} ${text}\n`)
  } catch {
    // The log's disk may be full. The sessions matter more.
  }
}

// Whatever goes wrong around a session, ending somebody's program is never the better answer.
process.on('uncaughtException', trouble)
process.on('unhandledRejection', trouble)
// A listener, not SIG_IGN, so that programs in here start with the default action.
process.on('SIGHUP', () => {})
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {
  // What runs in tmux does not need this process.
  if (tmux) return void leave()
  for (const session of host.sessions) void session.end({ graceMs: TERM_GRACE_MS })
})

let leaving: NodeJS.Timeout | undefined
let isStarting = true

const tmux = tmuxSocket
  ? createTmuxPtys({
      root: tmuxRoot(dir),
      socket: tmuxSocket,
      env: tmuxEnv(),
      onTrouble: trouble,
    })
  : undefined

/** What tmux itself and its helpers need. A program gets its own environment, and nothing of this. */
function tmuxEnv(): Record<string, string> {
  const { PATH = '/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8' } = process.env
  return { PATH, HOME, LANG, PERL_BADLANG: '0', TERM: 'xterm-256color' }
}

const host = createHostServer({
  runtime: {
    burstBytes: shared ? FAIR_BURST_BYTES : WHOLE_BURST_BYTES,
    openPty: tmux?.open,
  },
  onEmpty() {
    if (isStarting) return
    if (shared && host.connections > 0) return
    void leave()
  },
  onTrouble: trouble,
})

async function leave(): Promise<void> {
  clearTimeout(leaving)
  await host.close()
  process.exit(0)
}

/** Ends a host that its server forgot: before the first session, or (shared) after the last. */
function watchIdle(): void {
  leaving = setTimeout(() => {
    if (host.empty && host.connections === 0) void leave()
    else watchIdle()
  }, IDLE_EXIT_MS)
}

async function start(): Promise<void> {
  ensurePrivateFolder(dir)
  const socket = hostSocketPath(dir)
  if (dirname(socket) !== dir) ensurePrivateFolder(dirname(socket))
  await listenAt(host.server, socket)
  await goOn()
  isStarting = false
  if (resume && host.empty) {
    report('nothing')
    await leave()
  }
  writeHostFile(dir, {
    v: 1,
    identity: identifySelf(),
    socket,
    protocol: HOST_PROTOCOL,
    startedAt: new Date().toISOString(),
  })
  watchIdle()
  report('ready')
}

/** Takes over what an earlier host has left in tmux. What is over already is read to its end first. */
async function goOn(): Promise<void> {
  const ends = (tmux?.found() ?? []).map(({ options, openPty, isOver }) => {
    const settled = host.adopt(options, openPty).catch(trouble)
    return resume && isOver ? settled : undefined
  })
  await Promise.all(ends)
}

/** Tells the parent, if it still waits. */
function report(line: string): void {
  try {
    writeSync(READY_FD, `${line}\n`)
    closeSync(READY_FD)
  } catch {
    // Started by hand, or the parent has gone: nobody waits.
  }
}

start().catch((error) => {
  trouble(error)
  report(`failed ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
