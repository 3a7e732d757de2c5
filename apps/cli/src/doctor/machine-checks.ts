import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

/** The oldest Node that everything here is tested with. */
const OLDEST_NODE = [20, 19] as const

export function checkNode({ nodeVersion }: Readers): Finding {
  const { pass, fail } = findings('node')
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number)
  const [oldMajor, oldMinor] = OLDEST_NODE
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor))
    return pass(`Node ${nodeVersion}`)
  return fail(
    `Node ${nodeVersion} is too old`,
    'the server needs what came later, and does not start',
    `install Node ${OLDEST_NODE.join('.')} or later: https://nodejs.org/en/download`,
  )
}

/** Below, a few dozen sessions use them up: each takes about three, and each viewer one, in files. */
const SCARCE_FILES = 1_024
const FEW_FILES = 256

/** @param pid The server, or undefined for what this shell would give it. */
export function checkFileLimit({ read }: Readers, pid?: number): Finding {
  const { pass, warn, fail } = findings('open files')
  const limits = read(`/proc/${pid ?? 'self'}/limits`)
  const limit = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]
  if (limit === undefined) return pass('the limit cannot be told on this system')
  const files = limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
  const why = 'each session takes about three, each viewer one; without any left nothing new opens'
  const raise = 'ulimit -n 65536 before it starts, or LimitNOFILE=65536 in its unit'
  if (files < FEW_FILES) return fail(`at most ${limit}`, why, raise)
  if (files < SCARCE_FILES) return warn(`at most ${limit}`, why, raise)
  return pass(`at most ${limit}`)
}

/** Whether a terminal can be opened with what was installed. */
export function checkPty({ openPty }: Readers): Finding {
  const { pass, fail } = findings('node-pty')
  const problem = openPty()
  if (problem === undefined) return pass('opens a terminal')
  const isMissing = /^(?:Cannot find|Failed to load|.*(?:was compiled against|GLIBC|ELF))/i.test(
    problem,
  )
  return fail(
    problem.split('\n')[0] ?? problem,
    'no session can be started',
    isMissing
      ? 'build it for this Node, with a C++ compiler, make and Python 3: npx --yes pnpm@10.34.9 rebuild node-pty'
      : 'see that /dev/ptmx is there and /dev/pts is mounted: mount | grep devpts',
  )
}

/**
 * Whether somebody collects the processes that others leave behind. Node cannot: it waits for its own alone.
 *
 * @param pid The server, or undefined when none runs.
 */
export function checkInit(pid?: number): Finding {
  const { pass, warn } = findings('init')
  if (pid === undefined) return pass('no server runs')
  if (pid !== 1) return pass(`the server is pid ${pid}, below an init`)
  return warn(
    'the server is pid 1',
    'what programs in sessions leave behind stays as zombies, until no process can be started',
    'start the container with an init: docker run --init, or ENTRYPOINT ["tini", "--"]',
  )
}

export async function checkTmux({ run }: Readers): Promise<Finding> {
  const { pass } = findings('tmux')
  const version = await run('tmux', '-V')
  return pass(version ?? 'not installed; only sessions in tmux need it')
}
