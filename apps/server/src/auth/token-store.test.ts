import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTokenStore, type TokenStore } from './token-store.ts'

function setup(path = join(temporaryFolder(onTestFinished), 'tokens.json')) {
  const clock = fakeClock()
  const troubles: unknown[] = []
  const open = (password = 'secret'): TokenStore =>
    createTokenStore({
      path,
      password,
      timeoutMs: 60_000,
      clock,
      onTrouble: (error) => troubles.push(error),
    })
  return { clock, open, path, troubles }
}

describe('the tokens', () => {
  it('outlive a restart, and only their hashes are on the disk', () => {
    const { open, path } = setup()
    const { token, login } = open().create()
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(open().find(token)).toEqual(login)
    expect(readFileSync(path, 'utf8')).not.toContain(token)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('end when the password changes', () => {
    const { open } = setup()
    const { token } = open().create()
    expect(open('another').find(token)).toBeUndefined()
    expect(open('secret').find(token)).toBeUndefined()
  })

  it('expire, and tell so at that very moment', () => {
    const { open, clock } = setup()
    const store = open()
    const ended: string[] = []
    store.subscribe((id) => ended.push(id))
    const { token, login } = store.create()
    clock.advance(59_999)
    expect(store.find(token)).toBeDefined()
    clock.advance(1)
    expect(store.find(token)).toBeUndefined()
    expect(ended).toEqual([login.id])
    expect(clock.pending).toBe(0)
  })

  it('end one by one when revoked', () => {
    const { open } = setup()
    const store = open()
    const [a, b] = [store.create(), store.create()]
    store.revoke(a.login.id)
    expect(store.find(a.token)).toBeUndefined()
    expect(open().find(b.token)).toBeDefined()
  })

  it.each(['', 'not hex', 'g'.repeat(64), '0'.repeat(63), '__proto__'])(
    'do not include %j',
    (text) => {
      expect(setup().open().find(text)).toBeUndefined()
    },
  )

  it('all begin anew when the file is damaged', () => {
    const { open, path } = setup()
    const { token } = open().create()
    writeFileSync(path, '{"v":1,"tok')
    expect(open().find(token)).toBeUndefined()
  })

  it('still work when they cannot be written', () => {
    const { open, troubles } = setup('/proc/none/tokens.json')
    const store = open()
    expect(store.find(store.create().token)).toBeDefined()
    expect(troubles.length).toBeGreaterThan(0)
  })

  it('are at most 1,000: a newer one ends the oldest', () => {
    const { open } = setup('/proc/none/tokens.json')
    const store = open()
    const first = store.create()
    for (let i = 0; i < 1_000; i++) store.create()
    expect(store.find(first.token)).toBeUndefined()
  })
})
