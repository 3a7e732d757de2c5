import { createECDH, createPublicKey, verify } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pushService } from '../testing/push-service.ts'
import { encryptPush } from './encrypt.ts'
import { endpointProblem, isPublicAddress } from './public-address.ts'
import { isQuiet, type PushSettings } from './push-store.ts'
import { createPushSender, type PushSenderOptions } from './sender.ts'
import { loadVapid } from './vapid.ts'

const MESSAGE = {
  ...{ payload: Buffer.from('hello'), topic: 'a-topic', ttlSeconds: 60 },
  urgency: 'high' as const,
}

function vapid() {
  return loadVapid(join(temporaryFolder(onTestFinished), 'vapid.json'))
}

function sender(over: Partial<PushSenderOptions> = {}) {
  return createPushSender({ vapid: vapid(), clock: fakeClock(), isAllowed: () => true, ...over })
}

describe('encryption', () => {
  it('is that of RFC 8291, byte for byte', () => {
    const own = createECDH('prime256v1')
    own.setPrivateKey('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url')
    const body = encryptPush(
      Buffer.from('When I grow up, I want to be a watermelon'),
      {
        p256dh:
          'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
      { salt: Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url'), sender: own },
    )
    // Appendix A of https://www.rfc-editor.org/rfc/rfc8291
    expect(body.toString('base64url')).toBe(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    )
  })
})

describe('the key of the server', () => {
  it('is made once, kept to this user, and refused when it is none', () => {
    const path = join(temporaryFolder(onTestFinished), 'vapid.json')
    const { publicKey } = loadVapid(path)
    expect(Buffer.from(publicKey, 'base64url')).toHaveLength(65)
    expect(loadVapid(path).publicKey).toBe(publicKey)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const kept = readFileSync(path, 'utf8')
    writeFileSync(path, '{"kty":"EC"}')
    expect(() => loadVapid(path)).toThrow('holds no key for push')
    expect(readFileSync(path, 'utf8')).not.toBe(kept)
  })
})

describe('the guard', () => {
  it.each([
    ['https://fcm.googleapis.com/fcm/send/abc', undefined],
    ['https://updates.push.services.mozilla.com/wpush/v2/abc', undefined],
    ['https://web.push.apple.com/abc', undefined],
    ['http://fcm.googleapis.com/abc', 'https'],
    ['https://fcm.googleapis.com:8443/abc', 'port'],
    ['https://user:password@fcm.googleapis.com/abc', 'password'],
    ['https://localhost/abc', 'public'],
    ['https://intranet/abc', 'public'],
    ['https://printer.local/abc', 'public'],
    ['https://metadata.google.internal/abc', 'public'],
    ['https://127.0.0.1/abc', 'public'],
    ['https://2130706433/abc', 'public'],
    ['https://0x7f.1/abc', 'public'],
    ['https://169.254.169.254/latest', 'public'],
    ['https://[::1]/abc', 'public'],
    ['https://[::ffff:10.0.0.1]/abc', 'public'],
    ['https://[fd00::1]/abc', 'public'],
    [`https://example.com/${'x'.repeat(2_100)}`, 'long'],
    ['nonsense', 'no address'],
  ])('finds about %s: %s', (endpoint, problem) => {
    const found = endpointProblem(endpoint)
    if (problem === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(problem)
  })

  it.each([
    ['8.8.8.8', true],
    ['172.15.0.1', true],
    ['172.16.0.1', false],
    ['100.64.0.1', false],
    ['192.168.1.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['2606:4700::1', true],
    ['2002:7f00:1::', false],
    ['64:ff9b::7f00:1', false],
    ['::ffff:8.8.8.8', false],
    ['fe80::1', false],
    ['', false],
  ])('takes %s for public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected)
  })
})

describe('sending', () => {
  it('reaches the browser, which can read it, and proves who sends', async () => {
    const service = await pushService(onTestFinished)
    const { subscription, messages } = service.receiver()
    const own = vapid()
    const send = sender({ vapid: own, ca: service.ca })
    expect(await send(subscription, MESSAGE)).toEqual({ kind: 'sent' })
    expect(messages[0]?.payload.toString()).toBe('hello')
    const headers = messages[0]?.headers
    expect(headers).toMatchObject({
      ...{ ttl: '60', topic: 'a-topic', urgency: 'high', 'content-encoding': 'aes128gcm' },
    })
    const [, head, body, signature, key] =
      /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(headers?.authorization ?? '') ?? []
    expect(key).toBe(own.publicKey)
    const point = Buffer.from(key ?? '', 'base64url')
    const jwk = {
      ...{ kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url') },
      y: point.subarray(33).toString('base64url'),
    }
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    const signed = Buffer.from(`${head}.${body}`)
    const bytes = Buffer.from(signature ?? '', 'base64url')
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(
      true,
    )
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as { exp: number }
    expect(claims).toMatchObject({ aud: `https://localhost:${service.port}` })
    const inSeconds = claims.exp - fakeClock().date() / 1_000
    expect(inSeconds > 0 && inSeconds <= 86_400).toBe(true)
  })

  it.each([
    [404, 'gone'],
    [410, 'gone'],
    [400, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [302, 'failed'],
  ])('that is answered with %i is %s, and leads nowhere else', async (status, kind) => {
    const service = await pushService(onTestFinished)
    const [receiver, elsewhere] = [service.receiver(), service.receiver()]
    receiver.status = status
    receiver.location = elsewhere.subscription.endpoint
    const outcome = await sender({ ca: service.ca })(receiver.subscription, MESSAGE)
    expect(outcome.kind).toBe(kind)
    expect(JSON.stringify(outcome)).not.toContain('secret')
    expect(service.requests).toBe(1)
  })

  it('never connects to what is not on the public internet, by name or by number', async () => {
    const service = await pushService(onTestFinished)
    const { subscription } = service.receiver()
    for (const host of ['localhost', '127.0.0.1']) {
      const endpoint = subscription.endpoint.replace('localhost', host)
      const guarded = sender({ ca: service.ca, isAllowed: isPublicAddress })
      expect(await guarded({ ...subscription, endpoint }, MESSAGE)).toEqual({
        ...{ kind: 'failed', reason: expect.stringContaining('not on the public internet') },
      })
    }
    expect(service.requests).toBe(0)
  })

  it('gives up on a service that never answers, that nobody vouches for, or with keys that are none', async () => {
    const service = await pushService(onTestFinished)
    const receiver = service.receiver()
    const { subscription } = receiver
    receiver.status = 0
    expect(await sender({ ca: service.ca, timeoutMs: 50 })(subscription, MESSAGE)).toMatchObject({
      ...{ kind: 'failed', reason: expect.stringContaining('in time') },
    })
    expect(await sender()(subscription, MESSAGE)).toMatchObject({ kind: 'failed' })
    const keys = { ...subscription.keys, p256dh: 'B'.repeat(87) }
    expect(await sender()({ ...subscription, keys }, MESSAGE)).toMatchObject({ kind: 'failed' })
  })
})

describe('quiet hours', () => {
  it.each([
    ['22:00', '07:00', 'UTC', '23:30', true],
    ['22:00', '07:00', 'UTC', '06:59', true],
    ['22:00', '07:00', 'UTC', '07:00', false],
    ['12:00', '13:00', 'UTC', '12:30', true],
    ['12:00', '13:00', 'UTC', '11:59', false],
    ['12:00', '12:00', 'UTC', '12:00', false],
    ['22:00', '07:00', 'Asia/Tokyo', '14:00', true],
  ])('from %s to %s in %s are quiet at %s UTC: %s', (from, to, timeZone, at, expected) => {
    const settings = { quietHours: { from, to, timeZone } } as PushSettings
    expect(isQuiet(settings, Date.parse(`2026-11-21T${at}:00Z`))).toBe(expected)
  })
})
