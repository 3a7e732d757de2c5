import { describe, expect, it } from 'vitest'
import { isPipe, lengthTrouble, linkPath, MAX_SOCKET_PATH_BYTES } from './endpoint.ts'

describe('linkPath', () => {
  it('is beside the run-file', () => {
    expect(linkPath('/home/me/.conductor/running.json', 'linux')).toBe(
      '/home/me/.conductor/supervise.sock',
    )
  })

  it('is a pipe of its own on Windows for each folder, also where their names are the same', () => {
    const one = linkPath('/a/data/running.json', 'win32')
    expect(isPipe(one)).toBe(true)
    expect(linkPath('/b/data/running.json', 'win32')).not.toBe(one)
    expect(linkPath('/A/data/running.json', 'win32')).toBe(one)
  })
})

describe('a path that is too long', () => {
  it('is named with the limit, and the private name counts', () => {
    const fits = `/${'x'.repeat(MAX_SOCKET_PATH_BYTES - 8)}`
    expect(lengthTrouble(fits)).toBeUndefined()
    expect(lengthTrouble(`${fits}x`)?.message).toContain(`${MAX_SOCKET_PATH_BYTES - 7}`)
    expect(lengthTrouble(`/${'é'.repeat(60)}`)?.code).toBe('PATH_TOO_LONG')
  })
})
