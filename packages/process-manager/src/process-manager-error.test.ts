import { expect, it } from 'vitest'
import {
  alreadyRunning,
  isProcessManagerError,
  ProcessManagerError,
  shuttingDown,
  startTimeout,
} from './process-manager-error.ts'

it('has a code, which is in its message, and the error behind it', () => {
  const cause = new Error('ENOSPC')
  const error = new ProcessManagerError('UNWRITABLE', 'the disk is full', { cause })
  expect(error.message).toBe('[process-manager/UNWRITABLE] the disk is full')
  expect(error.cause).toBe(cause)
})

it('is known by its name, because the package may be loaded twice', () => {
  const twin = Object.assign(new Error('x'), { name: 'ProcessManagerError', code: 'LOCKED' })
  expect(isProcessManagerError(twin)).toBe(true)
  expect(isProcessManagerError(twin, 'LOCKED')).toBe(true)
  expect(isProcessManagerError(twin, 'CYCLE')).toBe(false)
  expect(isProcessManagerError(new Error('x'))).toBe(false)
  expect(isProcessManagerError('LOCKED')).toBe(false)
})

it('has the texts that callers of the document look for', () => {
  expect(alreadyRunning('p', 'running').message).toContain("Process 'p' is already running")
  expect(shuttingDown('p').message).toContain('during shutdown')
  expect(startTimeout('p', 'socket: /s', 30_000).message).toContain(
    'Timeout waiting for socket: /s after 30000 ms',
  )
})
