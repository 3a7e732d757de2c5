import { closeSync, readdirSync, readlinkSync } from 'node:fs'

/** The masters that this process reads: none of them may reach a program that it starts. */
const held = new Set<number>()

/** Descriptors of open masters. node-pty opens them so that every program started later inherits them. */
export function heldMasters(): ReadonlySet<number> {
  return held
}

export function holdMaster(fd: number): void {
  held.add(fd)
}

export function releaseMaster(fd: number): void {
  held.delete(fd)
}

/**
 * Closes the masters that this process got from whoever started it: while it has them, the ptys of
 * others never hang up, and it could read and type there.
 *
 * For a program to call at its start. Does nothing where there is no `/proc`.
 *
 * @returns How many were closed.
 */
export function closeInheritedPtys(): number {
  let closed = 0
  for (const fd of openDescriptors()) {
    if (fd <= 2 || held.has(fd) || !isMaster(fd)) continue
    try {
      closeSync(fd)
      closed++
    } catch {
      // Closed by somebody else in between.
    }
  }
  return closed
}

function openDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    return []
  }
}

function isMaster(fd: number): boolean {
  try {
    return /^\/dev\/(pts\/)?ptmx$/.test(readlinkSync(`/proc/self/fd/${fd}`))
  } catch {
    return false
  }
}
