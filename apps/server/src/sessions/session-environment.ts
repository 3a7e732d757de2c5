import { delimiter } from 'node:path'

/** What sessions of this server have in common. */
export interface SessionDefaults {
  readonly shell: string
  /** Where a session starts when nobody says. */
  readonly home: string
  /** The server's own environment; its secrets are left out of every session. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Ours, our supervisor's, or npm's: nothing that a program in a terminal has any business with. */
const STRIPPED =
  /^(?:AI_CONDUCTOR_|NOTIFY_SOCKET$|WATCHDOG_|LISTEN_|npm_|PNPM_|TURBO_|VITEST|NODE_CHANNEL_|INIT_CWD$|INVOCATION_ID$|JOURNAL_STREAM$|MAINPID$|MANAGERPID$|SYSTEMD_EXEC_PID$|CONDUCTOR_SESSION_ID$|CONDUCTOR_NOTIFY_FILE$|CREDENTIALS_DIRECTORY$|TMUX|STY$|COLUMNS$|LINES$|OLDPWD$|_$)/

/**
 * The environment of a session: the server's own, without its secrets and what belongs to its
 * supervisor, as a terminal with colours, and then what the request adds.
 */
export function sessionEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  shell: string,
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...ownEnvironment(own),
    SHELL: shell,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    ...added,
  }
}

/** What a program may inherit from the server: nothing that is the server's, or its supervisor's. */
export function ownEnvironment(
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && !STRIPPED.test(name)) env[name] = value
  }
  if (env['PATH']) env['PATH'] = withoutNpm(env['PATH'])
  return env
}

/** `npm start` puts its own folders first. */
function withoutNpm(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !/[\\/]node_modules[\\/].*bin$|node-gyp-bin$/.test(folder))
    .join(delimiter)
}
