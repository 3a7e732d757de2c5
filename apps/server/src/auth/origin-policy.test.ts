import { describe, expect, it } from 'vitest'
import { createOriginPolicy, type OriginPolicy } from './origin-policy.ts'

function policy(host: string, allowedOrigins: readonly string[] = []): OriginPolicy {
  return createOriginPolicy({
    host,
    port: () => 8080,
    allowedOrigins,
    ownNames: () => ['box', '192.0.2.5', 'fe80::1'],
  })
}

describe('a server on loopback', () => {
  it.each(['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST:8080', '[::1]:8080'])(
    'answers to the host %s',
    (host) => expect(policy('127.0.0.1').allowsHost(host)).toBe(true),
  )

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8080',
    'localhost',
    'localhost:8081',
    'localhost.evil.example:8080',
    '127.0.0.1.nip.io:8080',
    'user@localhost:8080',
    'localhost:8080/x',
    'localhost:8080 ',
    '0x7f.1:8081',
    '192.0.2.5:8080',
  ])('does not answer to the host %s', (host) => {
    expect(policy('127.0.0.1').allowsHost(host)).toBe(false)
  })

  it('lets only pages of exactly its own origins in', () => {
    const { allowsOrigin } = policy('127.0.0.1')
    expect(allowsOrigin('http://127.0.0.1:8080')).toBe(true)
    for (const other of [
      'http://127.0.0.1:8081',
      'https://127.0.0.1:8080',
      'http://127.0.0.1',
      'http://127.0.0.1:8080.evil.example',
      'http://evil.example',
      'null',
      '',
      'file://',
    ])
      expect(allowsOrigin(other), other).toBe(false)
  })
})

describe('a server on every interface', () => {
  it('answers to the addresses and the name of its machine, and to nothing else', () => {
    const { allowsHost } = policy('0.0.0.0')
    for (const host of ['192.0.2.5:8080', 'box:8080', '[fe80::1]:8080', 'localhost:8080'])
      expect(allowsHost(host), host).toBe(true)
    expect(allowsHost('192.0.2.6:8080')).toBe(false)
  })
})

describe('a configured origin', () => {
  it('is allowed exactly, with its host', () => {
    const { allowsHost, allowsOrigin } = policy('127.0.0.1', ['https://conductor.example'])
    expect(allowsOrigin('https://conductor.example')).toBe(true)
    expect(allowsHost('conductor.example')).toBe(true)
    expect(allowsOrigin('http://conductor.example')).toBe(false)
    expect(allowsOrigin('https://conductor.example:8443')).toBe(false)
    expect(allowsHost('conductor.example:8443')).toBe(false)
  })
})
