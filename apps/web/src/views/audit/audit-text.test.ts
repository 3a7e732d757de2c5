import type { AuditFactJson, AuditType } from '@conductor/api-types'
import { describe, expect, it } from 'vitest'
import { detailOf, passes, personOf, wordsOf } from './audit-text.ts'

const fact = (type: AuditType, more: Partial<AuditFactJson> = {}): AuditFactJson => ({
  ...{ id: 1, at: '2026-11-21T12:00:00.000Z', type },
  ...more,
})

describe('what happened, in words', () => {
  it('names whoever did it: as they say, else how they came', () => {
    expect(personOf(fact('login', { via: 'login', address: '::1' }))).toBe('Login from ::1')
    expect(personOf(fact('upload', { via: 'login', by: 'POST /api/x' }))).toBe('A login')
    expect(personOf(fact('upload', { via: 'cli', by: 'conductor up' }))).toBe('conductor up')
    expect(personOf(fact('session.attached', { via: 'share:ab', by: 'Ana' }))).toBe('Ana')
    expect(personOf(fact('share.claimed', { via: 'share:ab', text: 'Ana' }))).toBe('Ana')
    expect(personOf(fact('login.wrong', { address: '::1' }))).toBe('Somebody from ::1')
    expect(personOf(fact('share.expired'))).toBe('')
  })

  it('has words for a kind that only a newer server knows', () => {
    // A newer server's.
    const newer = fact('moon.landed' as AuditType)
    expect(wordsOf(newer).text).toContain('moon.landed')
    expect(detailOf(fact('share.made', { text: 'viewer, for 60 s' }))).toBe('to look on, for 60 s')
  })

  it('is found by kind and by person', () => {
    const login = fact('login', { via: 'login', address: '192.0.2.7' })
    expect(passes(login, { kind: 'all', person: '' })).toBe(true)
    expect(passes(login, { kind: 'logins', person: '192.0' })).toBe(true)
    expect(passes(login, { kind: 'sharing', person: '' })).toBe(false)
    expect(passes(login, { kind: 'all', person: 'ana' })).toBe(false)
    const guest = fact('session.attached', { via: 'share:ab', by: 'Ana' })
    expect(passes(guest, { kind: 'presence', person: 'ANA' })).toBe(true)
  })
})
