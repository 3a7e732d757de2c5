import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import type { ProcessIdentity } from '@conductor/process-identity'
import type { Backend, Holder } from './holder.ts'

/**
 * File systems of one machine, by the magic number of `statfs(2)`: btrfs, ext, f2fs, overlay, ramfs, tmpfs, xfs, zfs.
 *
 * Not in the list is what another machine may have mounted too, and everything through FUSE.
 *
 * @see https://man7.org/linux/man-pages/man2/statfs.2.html
 */
const LOCAL: ReadonlySet<number> = new Set([
  0x9123683e, 0xef53, 0xf2f52010, 0x794c7630, 0x858458f6, 0x01021994, 0x58465342, 0x2fc12fc1,
])

/**
 * Whether our having the lock proves that a holder of whom nothing else can be told is gone.
 *
 * It does if the holder had to have this very lock to write its name, and if we would see it: because
 * it ran on this kernel (same boot, perhaps in another container), or because no other kernel can have
 * this file system.
 */
export function lockProvesGone(
  path: string,
  holder: Holder,
  self: ProcessIdentity,
  backend: Backend,
): boolean {
  if (backend === 'link' || holder.lock !== backend || !holder.identity) return false
  const sameKernel = self.bootId !== '' && holder.identity.bootId === self.bootId
  return sameKernel || isLocal(dirname(path))
}

function isLocal(folder: string): boolean {
  if (process.platform !== 'linux') return false // Elsewhere the numbers mean something else.
  try {
    return LOCAL.has(statfsSync(folder).type >>> 0)
  } catch {
    return false
  }
}
