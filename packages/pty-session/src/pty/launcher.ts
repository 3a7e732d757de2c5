import { accessSync, constants } from 'node:fs'
import { heldMasters } from './masters.ts'

/** What is really started, so that the program in the end has none of our descriptors. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  /** `NAME=value` */
  readonly env: readonly string[]
}

/** Variables that Perl itself listens to travel under this name, and get their own back before the program starts. */
const KEPT = 'CONDUCTOR_KEPT_'

/** Closes what it is told, puts the environment back as it was, and becomes the program. No module is loaded: 2 ms. */
const PERL_SCRIPT = [
  'for (split / /, shift @ARGV) { open(my $f, "<&=", $_) and close $f }',
  'delete $ENV{PERL_BADLANG};',
  `for (keys %ENV) { $ENV{$1} = delete $ENV{$_} if /^${KEPT}(.*)/s }`,
  'exec { $ARGV[0] } @ARGV;',
  'print STDERR "$ARGV[0] cannot be run: $!\\n"; exit 127',
].join(' ')

const BASH_SCRIPT = 'eval "exec $0"; exec "$@"'

const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/** Looked up once: a machine does not lose its Perl. */
let found: { readonly perl: string | undefined; readonly bash: string | undefined } | undefined

export interface LaunchOptions {
  /** Absolute. */
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Descriptors that the program must not get (default: the masters that this process holds). */
  readonly unwanted?: Iterable<number> | undefined
  /** Where Perl and bash are (default: looked up in the usual folders). */
  readonly tools?:
    | { readonly perl: string | undefined; readonly bash: string | undefined }
    | undefined
  /** Called when nothing here can close a descriptor. */
  readonly onLeak: () => void
}

/**
 * node-pty opens a master without close-on-exec, so every program that is forked later would inherit
 * it (on macOS it does not: there the kernel is told to pass none on). With a foreign master a program
 * could read and type in another session, and that session would never hang up.
 *
 * Plain Node can neither set that flag nor close something in a child, so something that can becomes
 * the program: Perl, because it leaves the environment as it is; else bash, which sets `SHLVL`, `PWD`,
 * `OLDPWD` and `_`. dash cannot close descriptors above 9.
 */
export function launchWithoutMasters(options: LaunchOptions): Launch {
  const { file, args, env, unwanted = heldMasters(), onLeak } = options
  const fds = process.platform === 'darwin' ? [] : [...unwanted]
  if (fds.length === 0) return { file, args, env: pairs(env) }
  found ??= { perl: find('perl'), bash: find('bash') }
  const { perl, bash } = options.tools ?? found
  if (perl)
    return {
      file: perl,
      args: ['-e', PERL_SCRIPT, fds.join(' '), file, ...args],
      env: [
        // Perl complains on the terminal about a locale that is not installed.
        'PERL_BADLANG=0',
        ...pairs(env, (name) => (name.startsWith('PERL') ? `${KEPT}${name}` : name)),
      ],
    }
  if (bash) {
    const closing = fds.map((fd) => `${fd}>&-`).join(' ')
    // -p: neither BASH_ENV nor functions from the environment.
    return { file: bash, args: ['-p', '-c', BASH_SCRIPT, closing, file, ...args], env: pairs(env) }
  }
  onLeak()
  return { file, args, env: pairs(env) }
}

function pairs(env: Readonly<Record<string, string>>, rename = (name: string) => name): string[] {
  return Object.entries(env).map(([name, value]) => `${rename(name)}=${value}`)
}

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
