import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { createPtySession } from '../session.ts'
import type { PtySession, SessionOptions } from '../types.ts'
import { createTmux, type Tmux } from './tmux-command.ts'
import { createTmuxPtys, type TmuxPtys } from './tmux-ptys.ts'

export const tmuxEnv: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin', HOME: '/' }

/** Tests with tmux are skipped where it is not installed. */
export const hasTmux: boolean =
  process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0

/** A tmux server of a test's own, which ends with it. */
export interface TestTmux {
  readonly dir: string
  readonly tmux: Tmux
  readonly ptys: TmuxPtys
  /** Failures that were only told. */
  readonly troubles: unknown[]
  start(options: Partial<SessionOptions>): PtySession
  /** Ends the session after the test. */
  own(session: PtySession): PtySession
}

export function testTmux(
  atTheEnd: (end: () => Promise<void> | void) => void,
  answerWithinMs?: number,
): TestTmux {
  const dir = temporaryFolder(atTheEnd)
  const socket = join(dir, 'tmux.sock')
  // Its home is the test's, whose ~/.tmux.conf must not count.
  const env = { ...tmuxEnv, HOME: dir }
  const tmux = createTmux({ socket, env })
  const troubles: unknown[] = []
  const ptys = createTmuxPtys({
    root: join(dir, 'tmux'),
    socket,
    env,
    answerWithinMs,
    onTrouble: (error) => troubles.push(error),
  })
  // Registered after the folder, so that it runs before that goes.
  atTheEnd(async () => void (await tmux.run(['kill-server']).catch(() => {})))

  function own(session: PtySession): PtySession {
    atTheEnd(async () => {
      await session.end({ graceMs: 0 })
      session.close()
    })
    return session
  }

  return {
    dir,
    tmux,
    ptys,
    troubles,
    own,
    start(options) {
      const { id = 'a-1' } = options
      return own(
        createPtySession(
          {
            id,
            logDir: join(dir, 'log', id.replace(/\W/g, '_')),
            command: 'sh',
            env: tmuxEnv,
            ...options,
          },
          { openPty: ptys.open },
        ),
      )
    },
  }
}
