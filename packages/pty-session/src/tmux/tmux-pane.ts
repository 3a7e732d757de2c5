import { statSync } from 'node:fs'
import { constants } from 'node:os'
import { identifyProcess } from '@conductor/process-identity'
import { identifyLeader } from '../pty/program-end.ts'
import { PtySessionError } from '../pty-session-error.ts'
import type { TerminalSize } from '../types.ts'
import { hex, LAUNCH_SCRIPT, perlCommand, SPOOL_SCRIPT } from './perl.ts'
import { CHUNK_BYTES } from './spool.ts'
import type { Tmux } from './tmux-command.ts'
import type { TmuxPane } from './tmux-record.ts'

/**
 * How our tmux server is set, before any program of ours runs: a dead pane stays until its exit code was read.
 * The size of a window is set by hand, window by window (`resize-window`), so that a person who attaches
 * changes nothing: as a setting of the server, `window-size manual` makes tmux 3.3a crash at its next session.
 */
const SETTINGS: readonly (readonly string[])[] = [
  ['set-option', '-g', 'remain-on-exit', 'on'],
  ['set-option', '-g', 'status', 'off'],
  ['set-option', '-g', 'destroy-unattached', 'off'],
  ['set-option', '-g', 'allow-rename', 'off'],
  ['set-option', '-g', 'automatic-rename', 'off'],
  ['set-option', '-g', 'set-titles', 'off'],
  ['set-option', '-g', 'update-environment', ''],
  ['set-option', '-s', 'escape-time', '0'],
  ['set-option', '-s', 'set-clipboard', 'off'],
]

export interface StartPaneOptions extends TerminalSize {
  readonly name: string
  /** Where `launch` lies. */
  readonly dir: string
  readonly spool: string
}

/**
 * Makes a session of that name, whose program waits for the file `go` in `dir`.
 *
 * @throws PtySessionError `SPAWN_FAILED`, also when there is a session of that name.
 */
export function startPane(tmux: Tmux, options: StartPaneOptions): TmuxPane {
  const { name, dir, spool, cols, rows } = options
  const size = ['-x', String(cols), '-y', String(rows)]
  const launch = perlCommand(LAUNCH_SCRIPT, [hex(dir)])
  const format = '#{pid} #{pane_id} #{pane_pid} #{pane_tty}'
  const answer = tmux.runNow(
    sequence([
      ['new-session', '-d', '-P', '-F', format, '-s', name, ...size, '-c', '/', '--', ...launch],
      ...SETTINGS,
      ['resize-window', '-t', exactly(name), ...size],
      pipe(exactly(name), spool, 0),
    ]),
  )
  const [server = '', id = '', pid = '', tty = ''] = answer.trim().split(' ')
  const tmuxServer = identifyProcess(Number(server))
  if (!tmuxServer || !id.startsWith('%'))
    throw new PtySessionError('SPAWN_FAILED', `tmux made no session: ${JSON.stringify(answer)}`)
  const leader = identifyLeader(Number(pid))
  return { id, tmux: tmuxServer, leader, terminal: statSync(tty).rdev }
}

/** What a spooler gets to write, from chunk `number` on. */
function pipe(target: string, spool: string, number: number): string[] {
  const command = perlCommand(SPOOL_SCRIPT, [hex(spool), String(number), String(CHUNK_BYTES)])
  // Nothing in it but hexadecimal digits and plain words: sh and tmux find nothing to expand.
  const [perl = '', option = '', script = '', ...args] = command
  return ['pipe-pane', '-O', '-t', target, `exec ${perl} ${option} '${script}' ${args.join(' ')}`]
}

export async function pipeAgain(
  tmux: Tmux,
  pane: TmuxPane,
  spool: string,
  number: number,
): Promise<void> {
  await tmux.run(pipe(pane.id, spool, number))
}

export type PaneLook =
  | { readonly kind: 'running'; readonly piped: boolean }
  | {
      readonly kind: 'ended'
      /** How is known, and nobody else has its terminal open. */
      readonly whole: boolean
      readonly code: number | undefined
      readonly signal: string | undefined
    }
  /** Somebody has closed it by tmux's own means. */
  | { readonly kind: 'gone' }

const LOOK =
  '#{pid} #{pane_id} #{pane_pid} #{pane_dead} #{pane_pipe} c#{pane_dead_status} s#{pane_dead_signal}'

const SIZE = '#{pid} #{pane_id} #{pane_pid} #{window_width} #{window_height}'

/** The size that a session has now; `undefined` where it cannot be told. */
export function paneSize(tmux: Tmux, pane: TmuxPane): TerminalSize | undefined {
  const head = `${pane.tmux.pid} ${pane.id} ${pane.leader.pid} `
  try {
    const lines = tmux.runNow(['list-panes', '-a', '-F', SIZE]).split('\n')
    const found = lines.find((line) => line.startsWith(head))
    const [cols, rows] = found?.slice(head.length).split(' ') ?? []
    return cols && rows ? { cols: Number(cols), rows: Number(rows) } : undefined
  } catch {
    return undefined
  }
}

/** How the pane is. Another server at the same socket, or a pid that is another's, is not taken for it. */
export async function lookAtPane(tmux: Tmux, pane: TmuxPane): Promise<PaneLook> {
  const lines = (await tmux.run(['list-panes', '-a', '-F', LOOK])).split('\n')
  const head = `${pane.tmux.pid} ${pane.id} ${pane.leader.pid} `
  const found = lines.find((line) => line.startsWith(head))
  if (!found) return { kind: 'gone' }
  const [dead, piped, code = '', signal = ''] = found.slice(head.length).split(' ')
  // Neither waits for the other: others on the terminal delay the pane's end, and a busy machine the
  // word of the program's. (Before 3.3, tmux does not tell a signal at all.)
  const known = code !== 'c' || signal !== 's'
  if (dead === '1' || known)
    return {
      kind: 'ended',
      whole: dead === '1' && known,
      code: code === 'c' ? undefined : Number(code.slice(1)),
      signal: signalName(signal.slice(1)),
    }
  return { kind: 'running', piped: piped === '1' }
}

/** tmux says `9`, or `KILL`. */
function signalName(text: string): string | undefined {
  if (text === '') return undefined
  const byNumber = Object.entries(constants.signals).find(([, each]) => each === Number(text))?.[0]
  return byNumber ?? `SIG${text.toUpperCase().replace(/^SIG/, '')}`
}

/**
 * Types bytes as they are: a buffer, unlike keys, is not looked at by tmux, and reaches the program
 * also while a person scrolls in the same pane.
 *
 * @param escapes Whether this tmux would make control characters harmless unless told not to.
 */
export async function typeInto(
  tmux: Tmux,
  pane: TmuxPane,
  bytes: Uint8Array,
  escapes: boolean,
): Promise<void> {
  const buffer = `conductor-${pane.id.slice(1)}`
  const exact = escapes ? '-drS' : '-dr'
  await tmux.run(
    sequence([
      ['load-buffer', '-b', buffer, '-'],
      ['paste-buffer', exact, '-b', buffer, '-t', pane.id],
    ]),
    bytes,
  )
}

/** Whether this tmux has `paste-buffer -S`, and therefore escapes what is pasted without it. */
export async function escapesPastes(tmux: Tmux): Promise<boolean> {
  const usage = await tmux.run(['list-commands', '-F', '#{command_list_usage}', 'paste-buffer'])
  return /^\[-\w*S/.test(usage)
}

export async function resizePane(
  tmux: Tmux,
  pane: TmuxPane,
  { cols, rows }: TerminalSize,
): Promise<void> {
  await tmux.run(['resize-window', '-t', pane.id, '-x', String(cols), '-y', String(rows)])
}

/** Takes the session of that pane away, whatever it is called by now. Look at the pane first. */
export async function killSessionOf(tmux: Tmux, pane: TmuxPane): Promise<void> {
  await tmux.run(['kill-session', '-t', pane.id])
}

/**
 * Takes away what `startPane` has begun, or an earlier process has left, and nobody else's: our command
 * names `dir`. Where tmux cannot be asked there is none, or it has to be left.
 */
export function abandonPane(tmux: Tmux, dir: string): void {
  try {
    const format = '#{pane_id} #{pane_start_command}'
    const lines = tmux.runNow(['list-panes', '-a', '-F', format]).split('\n')
    const ours = lines.find((line) => line.includes(hex(dir)))
    if (ours) tmux.runNow(['kill-session', '-t', ours.split(' ')[0] ?? ''])
  } catch {
    // Without its folder what was begun ends by itself.
  }
}

/** `=`: without it, `a-1` means `a-14` where there is no `a-1`. */
function exactly(name: string): string {
  return `=${name}:`
}

/** One client, several commands: tmux does nothing else in between. */
function sequence(commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? [...command] : [';', ...command]))
}
