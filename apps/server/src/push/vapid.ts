import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'

/** Half of the longest that RFC 8292 allows, so that clocks may differ, in seconds. */
const TOKEN_SECONDS = 12 * 3_600

/** Whom a push service may write to about us; it must be a https or mailto address. */
const SUBJECT = 'https://github.com/conductor-dev/conductor'

/** Who sends, to push services. Browsers subscribe to this very key, so it is made once and kept. */
export interface Vapid {
  /** An uncompressed point on P-256, in base64url. */
  readonly publicKey: string
  /** The `Authorization` header for a push service. */
  authorization(endpoint: string, nowMs: number): string
}

const coordinate = z.string().regex(/^[\w-]{43}$/)
const file = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
})

/**
 * The keys in the file at `path`, mode 0600; new ones when there is none.
 *
 * @throws Error when the file holds something else: with other keys, every subscription would be void.
 * @see https://www.rfc-editor.org/rfc/rfc8292
 */
export function loadVapid(path: string): Vapid {
  const kept = readIfThere(path)
  const key = kept === undefined ? generate(path) : read(path, kept)
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]).toString('base64url')

  return {
    publicKey,
    authorization(endpoint, nowMs) {
      const head = encode({ typ: 'JWT', alg: 'ES256' })
      const exp = Math.floor(nowMs / 1_000) + TOKEN_SECONDS
      const body = encode({ aud: new URL(endpoint).origin, exp, sub: SUBJECT })
      const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
        key,
        dsaEncoding: 'ieee-p1363',
      })
      return `vapid t=${head}.${body}.${signature.toString('base64url')}, k=${publicKey}`
    },
  }
}

function generate(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writePrivateFile(path, `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`)
  return privateKey
}

function read(path: string, text: string): KeyObject {
  try {
    return createPrivateKey({ key: file.parse(JSON.parse(text)), format: 'jwk' })
  } catch (cause) {
    throw new Error(`${path} holds no key for push; remove it, and everybody subscribes again`, {
      cause,
    })
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
