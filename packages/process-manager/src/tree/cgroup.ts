import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../system-error.ts'

/**
 * The folder of this process's own cgroup (version 2), if children can be made in it: as root, in most
 * containers, under `systemd-run --user --scope`, or in a unit with `Delegate=yes`.
 *
 * @param readText Where the two files of `/proc/self` come from (default: the system).
 * @returns `undefined` where there is none, or it is not ours.
 */
export function findCgroupParent(
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string | undefined {
  try {
    const own = /^0::(\/.*)$/m.exec(readText('/proc/self/cgroup'))?.[1]
    const mount = mountOf(readText('/proc/self/mountinfo'))
    if (own === undefined || !mount) return undefined
    // A cgroup outside what is mounted shows as `/../…`: nothing of it is here.
    const inside = mount.root === '/' ? own : own.replace(mount.root, '')
    if (inside.startsWith('/..')) return undefined
    const folder = join(mount.point, inside)
    accessSync(folder, constants.W_OK)
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK)
    return folder
  } catch {
    return undefined
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function mountOf(text: string): { readonly root: string; readonly point: string } | undefined {
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    if (!after.startsWith('cgroup2 ')) continue
    const [, , , root = '', point = ''] = before.split(' ').map(unescaped)
    return { root, point }
  }
  return undefined
}

/** Spaces, tabs, line ends and backslashes are written as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

/** Makes `parent/name`, or takes the one that is there. @throws the system's error */
export function makeCgroup(parent: string, name: string): string {
  const folder = join(parent, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * Removes it with those that the program has made in it.
 *
 * @returns `false` while somebody is still in there. One that is gone already is `true`.
 */
export function removeCgroup(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !removeCgroup(join(folder, entry.name))) return false
    rmdirSync(folder)
    return true
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
}

/** `SIGKILL` to everybody in it, forks in flight included. @returns whether the kernel (5.14) did. */
export function killCgroup(folder: string): boolean {
  const path = join(folder, 'cgroup.kill')
  // Not created where it is missing: an older kernel, or no cgroup.
  if (!existsSync(path)) return false
  try {
    writeFileSync(path, '1')
    return true
  } catch {
    return false
  }
}

/** The pids in it and in those below. Zombies are none. */
export function cgroupPids(folder: string): Set<number> {
  const pids = new Set<number>()
  try {
    const text = readFileSync(join(folder, 'cgroup.procs'), 'utf8')
    for (const line of text.split('\n')) if (line !== '') pids.add(Number(line))
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) for (const pid of cgroupPids(join(folder, entry.name))) pids.add(pid)
  } catch {
    // It is gone, and whoever was in it.
  }
  return pids
}

/** Whether somebody lives in it. A cgroup that is gone has nobody. */
export function isPopulated(folder: string): boolean {
  try {
    return /^populated 1$/m.test(readFileSync(join(folder, 'cgroup.events'), 'utf8'))
  } catch {
    return false
  }
}
