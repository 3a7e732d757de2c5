import { accessSync, constants } from 'node:fs'
import { PtySessionError } from '../pty-session-error.ts'

const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/**
 * Becomes what stands in the file `launch` of its folder, with exactly that environment: strings that
 * end with a zero byte, so that nothing has to be quoted and nothing is too long. It waits for
 * `go`, without which the first bytes could be lost and it be gone before anybody knew who it was,
 * and takes the file, with what is secret in it, off the disk.
 */
export const LAUNCH_SCRIPT: string = [
  'my $dir = pack "H*", shift;',
  'select undef, undef, undef, 0.002 until -e "$dir/go" or !-d $dir;',
  'open my $f, "<", "$dir/launch" or exit 127; binmode $f; local $/; my @s = split /\\0/, <$f>, -1;',
  'close $f; unlink "$dir/launch", "$dir/go"; pop @s;',
  'my ($cwd, $count) = splice @s, 0, 2; my @env = splice @s, 0, $count; my $file = shift @s;',
  '%ENV = map { split /=/, $_, 2 } @env;',
  'chdir $cwd or do { print STDERR "$cwd cannot be entered: $!\\n"; exit 127 };',
  '{ no warnings; exec { $file } @s } print STDERR "$file cannot be run: $!\\n"; exit 127',
].join(' ')

/**
 * Writes what tmux pipes to it into files of one size, in order: chunk n holds the bytes from
 * n × size on, so that whoever reads them knows every byte's place. A disk that is full is waited
 * for. `spooler` says who writes, `end` that nothing follows.
 */
export const SPOOL_SCRIPT: string = [
  '$SIG{HUP} = $SIG{INT} = "IGNORE"; umask 077;',
  'my ($dir, $n, $size) = @ARGV; $dir = pack "H*", $dir; my ($f, $used);',
  'sub nap { exit unless -d $dir; select undef, undef, undef, 0.1 }',
  'sub place { close $f if $f; nap() until open $f, ">>", sprintf("%s/%010d", $dir, $n); $used = -s $f }',
  'sub note { my ($name, $text) = @_; nap() until open my $g, ">", "$dir/$name.new";',
  'syswrite $g, $text; close $g; rename "$dir/$name.new", "$dir/$name" }',
  'place(); note("spooler", $$);',
  'while (1) { if ($used >= $size) { $n++; place(); next }',
  'my $got = sysread STDIN, my $bytes, $size - $used < 65536 ? $size - $used : 65536;',
  'next if !defined $got && $!{EINTR}; last unless $got;',
  'for (my $at = 0; $at < $got;) { my $w = syswrite $f, $bytes, $got - $at, $at;',
  'if (defined $w) { $at += $w } else { nap() } } $used += $got }',
  'note("end", $$)',
].join(' ')

/** The command of a script: all of it hexadecimal, so that neither sh nor tmux finds anything to expand. */
export function perlCommand(script: string, args: readonly string[]): string[] {
  return [perl(), '-e', `eval pack "H*", "${hex(script)}"; die $@ if $@`, ...args]
}

/** @throws PtySessionError `TMUX_MISSING` */
function perl(): string {
  const found = FOLDERS.map((folder) => `${folder}/perl`).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (found) return found
  throw new PtySessionError(
    'TMUX_MISSING',
    `sessions in tmux need perl, which is not in ${FOLDERS.join(', ')}: install it, or choose another runtime`,
  )
}

export function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}
