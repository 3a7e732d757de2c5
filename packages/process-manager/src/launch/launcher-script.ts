/** The shell that every launch begins as. */
export const SHELL = '/bin/sh'

/** Where bash is, for the rare case below. */
const BASH = '/bin/bash'

/**
 * Closes what this process has leaked into the child, and goes on with the script in `$1`. Node's own
 * descriptors close on exec; those of native modules may not (node-pty's masters do not, and a program
 * that holds one reads along), nor those that this process has inherited itself.
 *
 * The shell sees exactly the leaked ones, so nothing has to be known here, and mostly there is
 * nothing to do. dash takes only one digit in `<&-`; bash helps out where there are more, without its
 * start-up files (it reads some when its input is a socket, and ours is), and hands back, because its
 * `exec` leaves a `SHLVL` behind. `$0` is the one descriptor above 2 to keep, or `-`.
 */
const CLOSE_LEAKED = `
conductor_high=
for conductor_fd in /proc/self/fd/*; do
  conductor_fd=\${conductor_fd##*/}
  case $conductor_fd in
    [0-2]|"$0"|'*') ;;
    ?) eval "exec $conductor_fd<&-" ;;
    *) [ ! -e "/proc/self/fd/$conductor_fd" ] || conductor_high="$conductor_high $conductor_fd<&-" ;;
  esac
done
[ -z "$conductor_high" ] || [ ! -x ${BASH} ] ||
  exec ${BASH} --norc --noprofile -p -c "exec$conductor_high"'; exec ${SHELL} -c "$1" "$0" "$@"' "$0" "$@"
eval "$1"`

/**
 * Waits for a line on its input before it becomes the program. Built-in commands only: it costs one
 * exec of a small shell. At the end of the input, which is the death of the manager, it just ends.
 */
const GATED = `
[ "$2" = - ] || echo 0 >"$2/cgroup.procs" || exit 125
shift 2
read -r conductor_go || exit 125
unset conductor_go conductor_fd conductor_high SHLVL OLDPWD
exec "$@" </dev/null`

/** The arguments of {@link SHELL} that launch `words`, the program and its arguments, once they are let go. */
export function gatedLaunch(options: {
  /** The descriptor above 2 that the program gets. */
  readonly keepFd: number | undefined
  /** The folder of the cgroup to move to first. */
  readonly cgroup: string | undefined
  readonly words: readonly string[]
}): string[] {
  const { keepFd, cgroup = '-', words } = options
  return ['-c', CLOSE_LEAKED, `${keepFd ?? '-'}`, GATED, cgroup, ...words]
}

/** The same for a script of our own: there is no gate, and its input stays open. */
export function plainLaunch(script: string): string[] {
  return ['-c', CLOSE_LEAKED, '-', script]
}

/**
 * Variables that a shell does not pass on as they are: names that are none in its language, and those
 * that it sets or obeys itself. They travel as arguments of `env` instead, at the price of one exec.
 */
const TAKEN_BY_SHELLS =
  /^(IFS|PPID|OPTIND|OPTARG|UID|EUID|SHLVL|OLDPWD|SHELLOPTS|BASHOPTS|BASH_.*|POSIXLY_CORRECT|PS4|conductor_.*)$/s
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Splits an environment into what the launcher passes on, and words to put before the program. */
export function aroundShell(env: Readonly<Record<string, string>>): {
  readonly env: Record<string, string>
  readonly words: readonly string[]
} {
  const entries = Object.entries(env)
  const odd = entries.filter(([name]) => !SHELL_NAME.test(name) || TAKEN_BY_SHELLS.test(name))
  if (odd.length === 0) return { env: { ...env }, words: [] }
  const names = new Set(odd.map(([name]) => name))
  return {
    env: Object.fromEntries(entries.filter(([name]) => !names.has(name))),
    words: ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`)],
  }
}
