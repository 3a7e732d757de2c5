import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import process from 'node:process'
import { type LockAttempt, lockedBy, openLockFile } from './lock.ts'

/**
 * Linux: `flock(2)`, which Node does not have, by way of the program `flock` (util-linux or busybox).
 *
 * It is handed our open file as its descriptor 3, locks that, and ends. The lock belongs to the open
 * file description, which we keep: it lasts as long as we do, and costs one spawn of about 2.5 ms.
 *
 * @see https://man7.org/linux/man-pages/man2/flock.2.html
 */
export async function tryFlock(path: string): Promise<LockAttempt> {
  if (process.platform !== 'linux') return { kind: 'unavailable', reason: 'it is for Linux' }
  const fd = openLockFile(path)
  try {
    const { code, said } = await runFlock(fd)
    if (code === 0) return lockedBy(fd, path)
    closeSync(fd)
    // Both programs end with 1 for a lock that another has; busybox also for errors, which it tells.
    if (code === 1 && said === '') return { kind: 'busy' }
    return { kind: 'unavailable', reason: said || `flock ended with ${code}` }
  } catch (cause) {
    closeSync(fd)
    return { kind: 'unavailable', reason: 'the program flock cannot be started', cause }
  }
}

function runFlock(fd: number): Promise<{ readonly code: unknown; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] })
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code: code ?? signal, said: said.trim() }))
  })
}
