import { constants as os } from 'node:os'
import type { Clock } from '@conductor/machine'
import {
  identifyProcess,
  identifySelf,
  type ProcessIdentity,
  processState,
  signalProcess,
} from '@conductor/process-identity'
import { PtySessionError } from '../pty-session-error.ts'
import { createSessionEnder } from './end-session.ts'
import type { Pty } from './options.ts'
import { livingProcesses, membersOf, processesByPs } from './session-processes.ts'
import { signalGroup } from './signal-group.ts'

const DEFAULT_GRACE_MS = 5_000

/** Nobody has ever started at this time: the identity of a program that ended before it was looked at. */
const GONE = '0'

export interface ProgramEndOptions {
  readonly leader: ProcessIdentity
  readonly clock: Clock
  /** The device number of its terminal, only while that is surely still the one it had. */
  readonly terminal: () => number | undefined
  /** The terminal's path, for where there is no `/proc`; empty where it is not known. */
  readonly terminalPath: string
  /** Once the leader has ended: see `MembersOptions`. */
  readonly endedAt: () => number | undefined
  /** Resolves when the last bytes were taken, or nobody has to wait for them. Asked once the leader is dead. */
  readonly lastBytes: () => Promise<void> | undefined
  readonly onNotice: (code: string, text: string) => void
}

/** Signals and ends a program and all that it has started, whoever holds the terminal. */
export function createProgramEnd(options: ProgramEndOptions): Pick<Pty, 'signal' | 'end'> {
  const { leader, clock, terminal, terminalPath, endedAt, lastBytes, onNotice } = options

  const ender = createSessionEnder({
    clock,
    members: () =>
      process.platform === 'linux'
        ? membersOf(livingProcesses(), { leader, terminal: terminal(), endedAt: endedAt() })
        : processesByPs(leader, terminalPath),
    signal: ({ pid, startTime }, signal) =>
      void signalProcess({ ...leader, pid, startTime }, signal),
    onSurvivors: (members) =>
      onNotice(
        'SURVIVED',
        `still there after SIGKILL: pid ${members.map((each) => each.pid).join(', ')}. They wait for a device, or belong to another user`,
      ),
  })

  return {
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
      if (processState(leader) === 'dead') await lastBytes()
    },
  }
}

/** Who `pid` is, which was just started; as gone, when it has ended already. */
export function identifyLeader(pid: number): ProcessIdentity {
  return identifyProcess(pid) ?? { ...identifySelf(), pid, startTime: GONE }
}
