import { tmuxSessionName } from './tmux-name.ts'

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
