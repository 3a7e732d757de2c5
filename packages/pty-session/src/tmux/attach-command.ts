import { socketPath } from '../host/endpoint.ts'
import { tmuxSessionName } from './tmux-name.ts'

/**
 * A good socket for the sessions of whoever keeps things in `dir`: `tmux.sock` there, or, where that path
 * is too long for a socket, in a private folder of this user.
 *
 * @throws PtySessionError `SOCKET_PATH_TOO_LONG` when neither fits.
 */
export function tmuxSocketPath(dir: string): string {
  return socketPath(dir, 'tmux.sock')
}

/**
 * The command by which a person sees and uses a session in a terminal of their own, beside the page.
 * Its prefix is tmux's own, C-b; its size does not change the session's.
 *
 * @param options.socket As given to `spawnSessionHost`.
 */
export function tmuxAttachCommand(options: {
  readonly socket: string
  readonly id: string
}): string[] {
  return ['tmux', '-S', options.socket, 'attach-session', '-t', `=${tmuxSessionName(options.id)}`]
}
