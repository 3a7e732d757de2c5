import { constants as os } from 'node:os'
import { systemClock } from '@conductor/machine'
import { type ProcessIdentity, processState, signalProcess } from '@conductor/process-identity'
import { createSessionEnder } from '../pty/end-session.ts'
import type { Pty, PtyExit, PtyOptions } from '../pty/options.ts'
import { livingProcesses, membersOf, processesByPs, ticksNow } from '../pty/session-processes.ts'
import { signalGroup } from '../pty/signal-group.ts'
import { PtySessionError } from '../pty-session-error.ts'
import { endedError } from '../session.ts'
import { clearEnd, lastChunk, readSpooler } from './spool.ts'
import { createSpoolReader } from './spool-reader.ts'
import type { Tmux } from './tmux-command.ts'
import { createTmuxInput } from './tmux-input.ts'
import { killTmuxSession, lookAtPane, pipeAgain } from './tmux-pane.ts'
import type { TmuxPane } from './tmux-record.ts'

/** How often the program, its tmux and its spooler are looked at, in milliseconds. Their ends are mostly told before. */
const LOOK_EVERY_MS = 200

/** Once the program has ended, others that keep its terminal open are listened to for this long, in milliseconds. */
const REST_MS = 1_000

const DEFAULT_GRACE_MS = 5_000

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
  /** The session is over, and its end is in the log. */
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
  let endedAt: number | undefined
  let endedMs: number | undefined
  let quiet: { readonly sinceMs: number; readonly offset: number } | undefined
  let spooler: ProcessIdentity | undefined
  let spoolEnded = false
  let exit: PtyExit | undefined = options.exit
  /** Whether an earlier process's spooler still writes: its pid may be another's by now. */
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
      if (life !== 'running' || processState(leader) === 'dead') throw endedError(name)
      if (processState(pane.tmux) === 'dead') throw endedError(name)
    },
    onTrouble,
  })
  const ender = createSessionEnder({
    clock,
    members: () =>
      process.platform === 'linux'
        ? membersOf(livingProcesses(), {
            leader,
            terminal: ownTerminal(),
            endedAt: leaderEndedAt(),
          })
        : processesByPs(leader, ''),
    signal: ({ pid, startTime }, signal) =>
      void signalProcess({ ...leader, pid, startTime }, signal),
    onSurvivors: (members) =>
      onNotice(
        'SURVIVED',
        `still there after SIGKILL: pid ${members.map((each) => each.pid).join(', ')}`,
      ),
  })

  /** Only while the leader lives is the terminal surely still the one it had. */
  function ownTerminal(): number | undefined {
    return processState(leader) === 'alive' ? pane.terminal : undefined
  }

  function leaderEndedAt(): number | undefined {
    if (endedAt === undefined && processState(leader) === 'dead') endedAt = ticksNow()
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
      const gone = processState(leader) === 'dead'
      if (!exit && (gone || spoolEnded || doubtful || spoolerIsGone())) await inquire(gone)
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
    if (processState(pane.tmux) === 'dead') {
      if (nothingFollows()) lose()
      return
    }
    const found = await lookAtPane(tmux, pane)
    if (found.kind === 'running') {
      if (!leaderIsGone && (spoolEnded || !found.piped)) await pipeAnew()
      doubtful = false
    } else if (found.kind === 'gone') {
      // Hung up by one of tmux's own commands; how the program took that, nobody knows.
      exit = { code: undefined, signal: 'SIGHUP' }
      onEnding(exit)
    } else if (found.whole || isRested()) {
      const { code, signal } = found
      exit = { code, signal }
      onEnding(exit)
      // Closes the pipe, so that the spooler says that nothing follows.
      await killTmuxSession(tmux, name)
    } else {
      // tmux 3.3a was seen to sleep through the end of a program, which then stays a zombie.
      signalProcess(pane.tmux, 'SIGCHLD')
    }
  }

  /** A background job may keep the terminal for ever: it is not waited for. */
  function isRested(): boolean {
    leaderEndedAt()
    endedMs ??= clock.now()
    return clock.now() - endedMs >= REST_MS
  }

  /** A spooler that was killed will never say so: then silence must do. */
  function nothingFollows(): boolean {
    if (spoolEnded) return true
    if (reader.held || !spoolerIsGone() || quiet?.offset !== reader.offset) {
      quiet = { offset: reader.offset, sinceMs: clock.now() }
      return false
    }
    return clock.now() - quiet.sinceMs >= REST_MS
  }

  function spoolerIsGone(): boolean {
    spooler ??= readSpooler(spool)
    return spooler ? processState(spooler) === 'dead' : false
  }

  async function pipeAnew(): Promise<void> {
    clearEnd(spool)
    await pipeAgain(tmux, pane, spool, lastChunk(spool) ?? 0)
    spooler = undefined
    spoolEnded = false
    reader.reopen()
    onNotice(
      'OUTPUT_LOST',
      'somebody has cut off what tmux pipes to us: it is piped again, and what was said in between is missing',
    )
  }

  function conclude(exit: PtyExit): void {
    finish()
    onExit(exit)
    tellOver()
    onOver()
  }

  function lose(): void {
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
    signal(signal) {
      if (!(signal in os.signals))
        throw new PtySessionError('BAD_OPTION', `there is no signal ${JSON.stringify(signal)}`)
      signalGroup(leader, signal)
    },
    async end({ graceMs = DEFAULT_GRACE_MS } = {}) {
      if (!(graceMs >= 0))
        throw new PtySessionError(
          'BAD_OPTION',
          `graceMs is ${graceMs}: give 0 or more milliseconds`,
        )
      await ender.end(graceMs)
      void look()
      if (life !== 'over' && !reader.held && processState(leader) === 'dead') await over
    },
    close() {
      finish()
      tellOver()
    },
  }
}
