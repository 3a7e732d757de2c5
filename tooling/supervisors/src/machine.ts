import { execFile, execFileSync, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '@conductor/testing'

/** The repository, and the Node that runs this, as the machine sees them. */
export const REPO = '/opt/conductor'
export const NODE = '/opt/node/bin/node'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Of the cgroups of machines. */
const PREFIX = 'conductor-machine-'

/**
 * Becomes systemd-nspawn, which boots Debian's systemd on what this machine's files are, without changing
 * one of them. Every mount is made in a namespace of its own and goes with it.
 *
 * systemd wants its cgroups in version 2 and to itself; this machine may have them in another way.
 */
const BOOT = `set -eu
place=$1 cgroup=$2; shift 2
mount -t tmpfs -o mode=755 conductor-machine "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" conductor-machine "$place/root"
umount -Rl /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$cgroup"
echo 0 > "/sys/fs/cgroup/$cgroup/cgroup.procs"
mkdir -p /run/systemd
mount -t tmpfs conductor-machine /run/systemd
etc=$place/root/etc
# None of the services that happen to be installed here, and none that a package may not start here.
rm -rf "$etc"/systemd/system/*.wants "$etc"/supervisor/conf.d/* "$place/root/usr/sbin/policy-rc.d"
head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n' > "$etc/machine-id"
exec systemd-nspawn --quiet --boot --directory="$place/root" --register=no --keep-unit --console=pipe "$@"
`

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A Debian that has been booted by its own systemd. It has the network of this machine. */
export interface Machine {
  /** Runs a program in there as root, to its end. */
  run(command: string, ...args: readonly string[]): Promise<Ran>
  /** The same, and what it said. @throws if it fails. */
  out(command: string, ...args: readonly string[]): Promise<string>
  /** Runs a few lines of `sh` in there, that must not fail. */
  sh(script: string): Promise<string>
  /** One of its files, as this machine sees it. */
  path(file: string): string
  /** Ends it with everybody in it, and leaves nothing. */
  close(): Promise<void>
}

/** Why no machine can be booted here; `undefined` if one can. */
export function whyNoMachine(...programs: readonly string[]): string | undefined {
  if (process.env['CONDUCTOR_SKIP_SUPERVISORS'] === '1') return 'CONDUCTOR_SKIP_SUPERVISORS is 1'
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'only root can boot a machine'
  const wanted = ['systemd-nspawn', 'unshare', 'setpriv', 'nsenter', ...programs]
  const missing = wanted.filter((name) => !isInstalled(name))
  if (missing.length > 0) return `no ${missing.join(', ')} here`
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'cgroup2', 'cgroup2', '/mnt'], {
      stdio: 'pipe',
    })
    return undefined
  } catch (error) {
    return `no cgroups of version 2 can be mounted: ${String(error).split('\n')[1] ?? error}`
  }
}

/** Boots one: a few seconds. */
export async function bootMachine(): Promise<Machine> {
  const place = mkdtempSync(join(tmpdir(), PREFIX))
  const cgroup = place.slice(place.lastIndexOf('/') + 1)
  const binds = [`--bind-ro=${ROOT}:${REPO}`, `--bind-ro=${process.execPath}:${NODE}`]
  // Dies with this process, whatever that dies of; and with it all that it has started, because it is the
  // first process of a namespace.
  const nspawn = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount-proc', '--pid', '--fork', '--kill-child'],
      ...['--propagation', 'private', 'sh', '-c', BOOT],
      ...['sh', place, cgroup, `--machine=${cgroup}`, ...binds],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH, SYSTEMD_LOG_LEVEL: 'warning' } },
  )
  let said = ''
  for (const stream of [nspawn.stdout, nspawn.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      said += chunk
    })
  const over = new Promise<void>((resolve) => nspawn.once('close', () => resolve()))
  let hasEnded = false
  void over.then(() => {
    hasEnded = true
  })

  async function close(): Promise<void> {
    nspawn.kill('SIGKILL')
    await over
    await until(() => !isPopulated(cgroup), { timeoutMs: 10_000, what: 'the machine to be gone' })
    rmdirSync(place)
    for (const folder of foldersOf(cgroup)) removeTree(folder)
  }

  try {
    const leader = await until(
      () => {
        if (hasEnded) throw new Error(`systemd-nspawn has ended: ${said}`)
        return leaderOf(nspawn.pid)
      },
      { timeoutMs: 20_000, what: 'the machine to have a first process' },
    )
    const machine = insideOf(leader, close)
    await until(
      async () => {
        const { stdout } = await machine.run('systemctl', 'is-system-running')
        return ['running\n', 'degraded\n'].includes(stdout)
      },
      { timeoutMs: 30_000, what: 'the machine to be up' },
    )
    return machine
  } catch (error) {
    await close()
    throw error
  }
}

function insideOf(leader: number, close: () => Promise<void>): Machine {
  const run: Machine['run'] = (command, ...args) =>
    new Promise((resolve) => {
      execFile(
        'nsenter',
        ['--target', String(leader), '--all', '--', command, ...args],
        { encoding: 'utf8', cwd: '/', env: { PATH, LANG: 'C.UTF-8' }, maxBuffer: 64 * 1024 ** 2 },
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0
          resolve({ code, stdout, stderr })
        },
      )
    })
  const out: Machine['out'] = async (command, ...args) => {
    const { code, stdout, stderr } = await run(command, ...args)
    if (code === 0) return stdout.trimEnd()
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${stdout}${stderr}`)
  }
  return {
    run,
    out,
    sh: (script) => out('sh', '-euc', script),
    path: (file) => join(`/proc/${leader}/root`, file),
    close,
  }
}

/** The first process of the machine: below systemd-nspawn, below the first process of our namespace. */
function leaderOf(unshare: number | undefined): number | undefined {
  try {
    return childrenOf(unshare)
      .flatMap(childrenOf)
      .find(
        (pid) =>
          /^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) &&
          readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n',
      )
  } catch {
    return undefined
  }
}

function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

/** The folder of a cgroup, wherever version 2 is mounted on this machine. */
function foldersOf(cgroup: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
  return [...mounts.matchAll(/^\S+ (\S+) cgroup2 /gm)].map(([, point = '']) => join(point, cgroup))
}

function isPopulated(cgroup: string): boolean {
  return foldersOf(cgroup).some((folder) => {
    try {
      return readFileSync(join(folder, 'cgroup.events'), 'utf8').includes('populated 1')
    } catch {
      return false
    }
  })
}

function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(folder, entry.name))
    rmdirSync(folder)
  } catch {
    // It is not there, or in use by somebody.
  }
}

/** What is for administrators is in nobody else's `PATH`. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function isInstalled(name: string): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
