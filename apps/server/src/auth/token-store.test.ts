import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTokenStore, readTokens, type TokenStore } from './token-store.ts'

function setup(path = join(temporaryFolder(onTestFinished), 'tokens.json')) {
  const clock = fakeClock()
  const troubles: unknown[] = []
  const open = async (password = 'secret'): Promise<TokenStore> =>
    createTokenStore({
      path,
      kept: await readTokens(path, password, () => {}),
      timeoutMs: 60_000,
      clock,
      onTrouble: (error) => troubles.push(error),
    })
  return { clock, open, path, troubles }
}

describe('the tokens', () => {
  it('outlive a restart, and only their hashes are on the disk', async () => {
    const { open, path } = setup()
    const { token, login } = (await open()).create()
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect((await open()).find(token)).toEqual(login)
    expect(readFileSync(path, 'utf8')).not.toContain(token)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('end when the password changes', async () => {
    const { open } = setup()
    const { token } = (await open()).create()
    expect((await open('another')).find(token)).toBeUndefined()
    expect((await open('secret')).find(token)).toBeUndefined()
  })

  it('expire, and tell so at that very moment', async () => {
    const { open, clock } = setup()
    const store = await open()
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

  it('stay good while the date is set ahead or back within their time, and end by the date', async () => {
    const { open, clock } = setup()
    const store = await open()
    const ended: string[] = []
    store.subscribe((id) => ended.push(id))
    const { token, login } = store.create()
    for (const jumpMs of [30_000, -25_000, -3_600_000, 3_600_000]) {
      clock.suspend(jumpMs)
      clock.advance(1_000)
      expect(store.find(token)).toEqual(login)
    }
    // The timer of the old date has fired early, and found nobody.
    clock.suspend(-10_000)
    clock.advance(59_999)
    expect([store.find(token), ended]).toEqual([login, []])
    clock.advance(1_001)
    expect([store.find(token), ended]).toEqual([undefined, [login.id]])
    expect(clock.pending).toBe(0)
  })

  it('end one by one when revoked', async () => {
    const { open } = setup()
    const store = await open()
    const [a, b] = [store.create(), store.create()]
    store.revoke(a.login.id)
    expect(store.find(a.token)).toBeUndefined()
    expect((await open()).find(b.token)).toBeDefined()
  })

  it.each(['', 'not hex', 'g'.repeat(64), '0'.repeat(63), '__proto__'])(
    'do not include %j',
    async (text) => {
      expect((await setup().open()).find(text)).toBeUndefined()
    },
  )

  it('all begin anew when the file is damaged', async () => {
    const { open, path } = setup()
    const { token } = (await open()).create()
    writeFileSync(path, '{"v":1,"tok')
    expect((await open()).find(token)).toBeUndefined()
  })

  it('still work when they cannot be written', async () => {
    const { open, troubles } = setup('/proc/none/tokens.json')
    const store = await open()
    expect(store.find(store.create().token)).toBeDefined()
    expect(troubles.length).toBeGreaterThan(0)
  })

  it('are at most 1,000: a newer one ends the oldest', async () => {
    const { open } = setup('/proc/none/tokens.json')
    const store = await open()
    const first = store.create()
    for (let i = 0; i < 1_000; i++) store.create()
    expect(store.find(first.token)).toBeUndefined()
  })
})
