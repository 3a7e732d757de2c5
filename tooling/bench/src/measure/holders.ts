import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { killIfThere } from '../conductor-server.ts'
import type { Context } from '../context.ts'

/** A program that keeps a pty, and how to look at it. */
export interface Holder {
  readonly attach: readonly string[]
  readonly pid: number
  close(): void
}

let opened = 0

/** Runs `command` in tmux or dtach, each with an endpoint of its own. */
export function openHolder(
  { dir }: Pick<Context, 'dir'>,
  name: string,
  program: string,
  command: readonly string[],
): Holder {
  const endpoint = join(dir, `${name}-${++opened}`)
  if (name === 'tmux') {
    const tmux = (...args: string[]) =>
      execFileSync(program, ['-S', endpoint, '-f', '/dev/null', ...args], { encoding: 'utf8' })
    tmux('new-session', '-d', '-x', '80', '-y', '24', ...command)
    tmux('set', '-g', 'status', 'off')
    return {
      attach: ['env', 'TERM=xterm-256color', program, '-S', endpoint, 'attach'],
      pid: Number(tmux('display-message', '-p', '#{pid}')),
      close: () => void tmux('kill-server'),
    }
  }
  execFileSync(program, ['-n', endpoint, ...command])
  const pid = Number(
    execFileSync('pgrep', ['-of', endpoint], { encoding: 'utf8' }).trim().split('\n')[0],
  )
  return {
    attach: [program, '-a', endpoint, '-r', 'none', '-E', '-z'],
    pid,
    close: () => killIfThere(pid),
  }
}
