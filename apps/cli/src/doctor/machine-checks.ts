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
  return fail(`Node ${nodeVersion} is too old; install ${OLDEST_NODE.join('.')} or later`)
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
  const raise = 'raise it: ulimit -n 65536, or LimitNOFILE=65536 in the unit'
  if (files < FEW_FILES) return fail(`at most ${limit}; ${raise}`)
  if (files < SCARCE_FILES) return warn(`at most ${limit}; ${raise}`)
  return pass(`at most ${limit}`)
}

export async function checkTmux({ run }: Readers): Promise<Finding> {
  const { pass } = findings('tmux')
  const version = await run('tmux', '-V')
  return pass(version ?? 'not installed; only sessions in tmux need it')
}
