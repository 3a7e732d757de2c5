import { FD_VARIABLE } from './environment.ts'
import { SdNotifyError } from './sd-notify-error.ts'

/**
 * Connects to systemd's socket, says where it is, and becomes the command: the pid stays the same.
 *
 * `$^F` lets the socket outlive the exec; the first byte of an abstract address is a zero where
 * systemd writes `@`; a socket that does not block cannot stop the event loop. Written without
 * quotes, backslashes, `%`, `${`, `$$` and a `$` in front, so that systemd and shells leave it alone
 * in single quotes.
 */
const SCRIPT = [
  'my $n=$ENV{NOTIFY_SOCKET};',
  '$^F=255;',
  'if(defined $n && length $n){',
  'substr($n,0,1)=chr 0 if ord $n==64;',
  'if(socket(S,AF_UNIX,SOCK_DGRAM|SOCK_NONBLOCK,0)&&connect(S,pack_sockaddr_un($n)))',
  `{$ENV{${FD_VARIABLE}}=join q(:),fileno S,(stat S)[1]}`,
  'else{print STDERR q(sd-notify: ),$!,q(: no notification socket),chr 10}',
  '}',
  'exec{$ARGV[0]}@ARGV;',
  'print STDERR q(sd-notify: ),$ARGV[0],q(: ),$!,chr 10;',
  'exit 127',
].join('')

export interface ShimOptions {
  /** The Perl to use (default: `/usr/bin/perl`). It needs its own `Socket` module only, as in Debian's `perl-base`. */
  readonly perl?: string | undefined
}

/**
 * The command to put into `ExecStart=` so that `command` inherits a socket to systemd.
 *
 * Node cannot make a unix datagram socket, but it can write to one. A line of Perl makes it and then
 * becomes the command, with the same pid: messages come from the main process, so that
 * `NotifyAccess=main` is enough, and none of them costs a process. Where the socket cannot be made,
 * or there is no `NOTIFY_SOCKET`, the command runs without.
 *
 * @param command The program, found in `PATH` or absolute, and its arguments. No shell is involved. In a
 * unit file, put each argument in single quotes, and double what your own arguments have of `%` and `$`.
 * @throws SdNotifyError `BAD_OPTION` for an empty command.
 */
export function shimCommand(command: readonly string[], options: ShimOptions = {}): string[] {
  const { perl = '/usr/bin/perl' } = options
  if (!command[0]) throw new SdNotifyError('BAD_OPTION', 'shimCommand needs a program to run')
  return [perl, '-Mstrict', '-MSocket=:DEFAULT,SOCK_NONBLOCK', '-e', SCRIPT, '--', ...command]
}
