import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto'

/** One record: a push service need not take more than 4,096 bytes. RFC 8030, section 7.2. */
const RECORD_BYTES = 4_096

/** What of those is no text: the header (16 + 4 + 1 + 65), the tag (16) and the delimiter. */
export const LARGEST_PAYLOAD_BYTES: number = RECORD_BYTES - 86 - 16 - 1

/** The keys of a subscription, as the browser tells them, in base64url. */
export interface SubscriptionKeys {
  /** A point on P-256, uncompressed: 65 bytes. */
  readonly p256dh: string
  /** 16 bytes. */
  readonly auth: string
}

export interface EncryptOptions {
  /** Default: fresh ones. The vectors of RFC 8291 name theirs. */
  readonly salt?: Buffer | undefined
  readonly sender?: ECDH | undefined
}

/**
 * `payload` for one browser alone, in the `aes128gcm` coding.
 *
 * @throws Error when `keys` are no point on the curve.
 * @see https://www.rfc-editor.org/rfc/rfc8291 and https://www.rfc-editor.org/rfc/rfc8188
 */
export function encryptPush(
  payload: Buffer,
  { p256dh, auth }: SubscriptionKeys,
  { salt = randomBytes(16), sender = freshSender() }: EncryptOptions = {},
): Buffer {
  const receiver = Buffer.from(p256dh, 'base64url')
  const own = sender.getPublicKey()
  const shared = sender.computeSecret(receiver)
  const ikm = derive(
    shared,
    Buffer.from(auth, 'base64url'),
    Buffer.concat([Buffer.from('WebPush: info\0'), receiver, own]),
    32,
  )
  const key = derive(ikm, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(ikm, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(RECORD_BYTES)
  return Buffer.concat([
    ...[salt, size, Buffer.from([own.length]), own],
    // 2 ends the last record.
    ...[cipher.update(Buffer.concat([payload, Buffer.from([2])])), cipher.final()],
    cipher.getAuthTag(),
  ])
}

function derive(key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length))
}

function freshSender(): ECDH {
  const sender = createECDH('prime256v1')
  sender.generateKeys()
  return sender
}
