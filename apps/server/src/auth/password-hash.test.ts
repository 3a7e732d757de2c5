import { readdirSync } from 'node:fs'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuth } from './auth.ts'
import { createLockOut } from './lock-out.ts'
import { loadPassword } from './password.ts'
import { createHashCheck, hashPassword, parsePasswordHash } from './password-hash.ts'
import { createTokenStore } from './token-store.ts'

const PASSWORD = 'correct horse bättery'

describe('the hash of a password', () => {
  it('knows the password again, and no other', async () => {
    const isRight = createHashCheck(await hashPassword(PASSWORD))
    expect(await Promise.all([PASSWORD, `${PASSWORD} `, ''].map(isRight))).toEqual([
      true,
      false,
      false,
    ])
  })

  it('is another line each time, which no shell, unit or compose file takes for its own words', async () => {
    const lines = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
    expect(lines[0]).not.toBe(lines[1])
    for (const line of lines) {
      expect(line).toMatch(/^scrypt:[\w:-]+$/)
      expect(parsePasswordHash(line)).toBe(line)
    }
  })

  it.each([
    ['a password', 'correct horse battery'],
    ['one with too little work', `scrypt:10:8:1:${'a'.repeat(22)}:${'b'.repeat(43)}`],
    ['one that would take all memory', `scrypt:40:32:16:${'a'.repeat(22)}:${'b'.repeat(43)}`],
    ['one without a salt', `scrypt:14:8:5::${'b'.repeat(43)}`],
    ['one that was cut', `scrypt:14:8:5:${'a'.repeat(22)}:${'b'.repeat(20)}`],
    ['that of another program', `$2b$12$${'a'.repeat(53)}`],
  ])('is not %s', (_, line) => {
    expect(parsePasswordHash(line)).toBeUndefined()
    expect(() => createHashCheck(line)).toThrow(RangeError)
  })

  it('keeps a server from making a password, and from writing down any', async () => {
    const stateDir = temporaryFolder(onTestFinished)
    const passwordHash = await hashPassword(PASSWORD)
    const password = loadPassword({ password: undefined, passwordHash }, stateDir)
    expect(password.generated).toBeUndefined()
    expect(JSON.stringify(password)).not.toContain(PASSWORD)
    expect(readdirSync(stateDir)).toEqual([])
    expect(await password.isRight(PASSWORD)).toBe(true)
  })
})

it('many guesses at once are no more tries than one after the other', async () => {
  const clock = fakeClock()
  let compared = 0
  const auth = createAuth({
    tokens: createTokenStore({
      path: `${temporaryFolder(onTestFinished)}/tokens.json`,
      kept: { v: 1, password: { salt: '', hash: '' }, deviceKey: 'ab'.repeat(32), tokens: [] },
      timeoutMs: 1_000,
      clock,
      onTrouble: () => {},
    }),
    lockOut: createLockOut({ clock }),
    isPassword: async () => {
      compared++
      return false
    },
  })
  const guess = { password: 'x', address: '192.0.2.1', device: undefined }
  const answers = await Promise.all(Array.from({ length: 20 }, () => auth.login(guess)))
  expect([compared, answers.filter(({ kind }) => kind === 'locked').length]).toEqual([5, 15])
})
