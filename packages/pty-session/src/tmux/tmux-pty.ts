import { systemClock } from '@conductor/machine'
import { type ProcessIdentity, processState, signalProcess } from '@conductor/process-identity'
import type { Pty, PtyExit, PtyOptions } from '../pty/options.ts'
import { createProgramEnd } from '../pty/program-end.ts'
import { ticksNow } from '../pty/session-processes.ts'
import { endedError } from '../session.ts'
import { clearEnd, lastChunk, lifeOfSpooler } from './spool.ts'
import { createSpoolReader } from './spool-reader.ts'
import type { Tmux } from './tmux-command.ts'
import { createTmuxInput } from './tmux-input.ts'
import { killSessionOf, lookAtPane, pipeAgain } from './tmux-pane.ts'
import type { TmuxPane } from './tmux-record.ts'

/** How often the program, its tmux and its spooler are looked at, in milliseconds. Their ends are mostly told before. */
const LOOK_EVERY_MS = 200

/** Once the program has ended, others that keep its terminal open are listened to for this long, in milliseconds. */
const REST_MS = 1_000

/** A spooler that has not begun when its pipe is closed gets this long to do so, in milliseconds. */
const BEGIN_MS = 10_000

/** No process is older: of a session whose end nobody saw, none is known to be its own. */
const LONG_AGO = 0

export interface TmuxPtyOptions
  extends Pick<PtyOptions, 'clock' | 'onData' | 'onExit' | 'onNotice' | 'onLost'> {
  readonly tmux: Tmux
  readonly name: string
  readonly pane: TmuxPane
  readonly spool: string
  /** How much of the program's output is in the log already, in bytes. */
  readonly offset: number
  /** An earlier process has begun with it. */
  readonly adopted: boolean
  /** How the program ended, where an earlier process has learnt that already. */
  readonly exit: PtyExit | undefined
  /** The program has ended so: to be remembered, since tmux will not know it much longer. */
  readonly onEnding: (exit: PtyExit) => void
  /** Nothing of it has to be remembered any more. */
  readonly onOver: () => void
  readonly onTrouble: (error: unknown) => void
}

/**
 * A program in a pane of tmux, which holds its terminal: this process may end, and the next one goes
 * on with it. What it says comes through the spool; all else is asked of tmux, which is believed
 * dead only when its pid and start time say so.
 */
export function followTmuxPane(options: TmuxPtyOptions): Pty {
  const { tmux, name, pane, spool, adopted, clock = systemClock, onData, onExit } = options
  const { onEnding, onOver, onTrouble } = options
  const { onNotice = () => {}, onLost = () => {} } = options
  const { leader } = pane
  let life: 'running' | 'over' = 'running'
  let endedAt = adopted && processState(leader) === 'dead' ? LONG_AGO : undefined
  let endedMs: number | undefined
  let quiet: { readonly sinceMs: number; readonly offset: number } | undefined
  let spoolEnded = false
  let exit: PtyExit | undefined = options.exit
  /** The dead pane was taken away, and with it the pipe to the spooler. */
  let paneIsGone = false
  /** Whether an earlier process's spooler still writes: that has to be asked once. */
  let doubtful = adopted
  let looking = false
  let timer: unknown
  let tellOver = () => {}
  const over = new Promise<void>((resolve) => {
    tellOver = resolve
  })

  const reader = createSpoolReader({
    dir: spool,
    offset: options.offset,
    onData,
    onEnd() {
      spoolEnded = true
      void look()
    },
    onTrouble,
  })
  const input = createTmuxInput({
    tmux,
    pane,
    check() {
      const isGone = life === 'over' || [leader, pane.tmux].some((each) => isDead(each))
      if (isGone) throw endedError(name)
    },
    onTrouble,
  })
  const program = createProgramEnd({
    leader,
    clock,
    terminal: ownTerminal,
    terminalPath: '',
    endedAt: leaderEndedAt,
    lastBytes() {
      void look()
      return life !== 'over' && !reader.held ? over : undefined
    },
    onNotice,
  })

  /** Only while the leader lives is the terminal surely still the one it had. */
  function ownTerminal(): number | undefined {
    return processState(leader) === 'alive' ? pane.terminal : undefined
  }

  function leaderEndedAt(): number | undefined {
    if (endedAt === undefined && isDead(leader)) endedAt = ticksNow()
    return endedAt
  }

  function again(): void {
    clock.clearTimeout(timer)
    if (life !== 'over') timer = clock.setTimeout(() => void look(), LOOK_EVERY_MS)
  }

  /** Looks whether it is over. What cannot be told now is looked at again. */
  async function look(): Promise<void> {
    if (looking || life === 'over') return
    looking = true
    try {
      reader.poke()
      const gone = isDead(leader)
      if (!exit && (gone || spoolEnded || doubtful || lifeOfSpooler(spool) === 'dead'))
        await inquire(gone)
      if (exit && !paneIsGone) await takePaneAway()
      if (exit && nothingFollows()) conclude(exit)
    } catch (error) {
      onTrouble(error)
    } finally {
      looking = false
      again()
    }
  }

  /** tmux calls a pane dead once all that was said in it has gone to the spooler. */
  async function inquire(leaderIsGone: boolean): Promise<void> {
    if (isDead(pane.tmux)) {
      if (nothingFollows()) lose()
      return
    }
    const found = await lookAtPane(tmux, pane)
    if (found.kind === 'running') {
      if (!leaderIsGone && (spoolEnded || !found.piped)) await pipeAnew()
      doubtful = false
    } else if (found.kind === 'gone') {
      // Hung up by one of tmux's own commands; how the program took that, nobody knows.
      remember({ code: undefined, signal: 'SIGHUP' })
    } else if (found.whole || isRested()) {
      remember({ code: found.code, signal: found.signal })
    } else {
      // tmux 3.3a was seen to sleep through the end of a program, which then stays a zombie.
      signalProcess(pane.tmux, 'SIGCHLD')
    }
  }

  /** While that cannot be written (the disk is full), tmux keeps the dead pane, and is asked again. */
  function remember(known: PtyExit): void {
    onEnding(known)
    exit = known
  }

  /** Closes the pipe, so that the spooler says that nothing follows. */
  async function takePaneAway(): Promise<void> {
    if (!isDead(pane.tmux) && (await lookAtPane(tmux, pane)).kind !== 'gone')
      await killSessionOf(tmux, pane)
    paneIsGone = true
  }

  /** A background job may keep the terminal for ever: it is not waited for. */
  function isRested(): boolean {
    leaderEndedAt()
    endedMs ??= clock.now()
    return clock.now() - endedMs >= REST_MS
  }

  /** A spooler that was killed, or never began, will never say so: then silence must do. */
  function nothingFollows(): boolean {
    if (spoolEnded) return true
    const spooler = lifeOfSpooler(spool)
    const isWriting = spooler === 'alive' || spooler === 'unknown'
    if (reader.held || isWriting || quiet?.offset !== reader.offset) {
      quiet = { offset: reader.offset, sinceMs: clock.now() }
      return false
    }
    return clock.now() - quiet.sinceMs >= (spooler === 'dead' ? REST_MS : BEGIN_MS)
  }

  async function pipeAnew(): Promise<void> {
    clearEnd(spool)
    await pipeAgain(tmux, pane, spool, lastChunk(spool) ?? 0)
    spoolEnded = false
    reader.reopen()
    onNotice(
      'OUTPUT_LOST',
      'somebody has cut off what tmux pipes to us: it is piped again, and what was said in between is missing',
    )
  }

  function conclude(exit: PtyExit): void {
    if (life === 'over') return
    finish()
    onExit(exit)
    tellOver()
  }

  function lose(): void {
    if (life === 'over') return
    finish()
    onLost(`the tmux server at ${tmux.socket}, pid ${pane.tmux.pid}, is gone`)
    tellOver()
    onOver()
  }

  function finish(): void {
    life = 'over'
    clock.clearTimeout(timer)
    reader.close()
  }

  again()
  return {
    pid: leader.pid,
    identity: leader,
    get backlogBytes() {
      return input.backlogBytes
    },
    write: (bytes) => (life === 'running' ? input.push(bytes) : Promise.reject(endedError(name))),
    pause: reader.pause,
    resume: reader.resume,
    resize(size) {
      if (life === 'running') input.resize(size)
    },
    answersQueries: true,
    recorded: onOver,
    signal: program.signal,
    end: program.end,
    close() {
      finish()
      tellOver()
    },
  }
}

function isDead(identity: ProcessIdentity): boolean {
  return processState(identity) === 'dead'
}
