import { lookup as systemLookup } from 'node:dns'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '@conductor/machine'
import { encryptPush, LARGEST_PAYLOAD_BYTES, type SubscriptionKeys } from './encrypt.ts'
import { isPublicAddress } from './public-address.ts'
import type { Vapid } from './vapid.ts'

/** A push service that takes longer is given up, in milliseconds. */
const TIMEOUT_MS = 10_000

export interface PushMessage {
  readonly payload: Buffer
  /** At most 32 characters of base64url: a later one of the same topic takes its place. */
  readonly topic: string
  /** How long the service keeps it for a device that is away. */
  readonly ttlSeconds: number
  readonly urgency: 'normal' | 'high'
}

export type PushOutcome =
  | { readonly kind: 'sent' }
  /** The browser has dropped the subscription: it will never work again. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Sends one message to one browser, through its maker's push service. Never throws. */
export type PushSender = (
  to: { readonly endpoint: string; readonly keys: SubscriptionKeys },
  message: PushMessage,
) => Promise<PushOutcome>

export interface PushSenderOptions {
  readonly vapid: Vapid
  readonly clock: Clock
  /** Whether anything may be sent to an address (default: those of the public internet). */
  readonly isAllowed?: ((address: string) => boolean) | undefined
  /** Whom to trust beside the system's authorities. For tests. */
  readonly ca?: string | undefined
  readonly timeoutMs?: number | undefined
}

export function createPushSender(options: PushSenderOptions): PushSender {
  const { vapid, clock, isAllowed = isPublicAddress, ca, timeoutMs = TIMEOUT_MS } = options
  const lookup = guardedLookup(isAllowed)

  return ({ endpoint, keys }, message) =>
    new Promise((resolve) => {
      const fail = (reason: string) => resolve({ kind: 'failed', reason })
      try {
        const body = encryptPush(message.payload.subarray(0, LARGEST_PAYLOAD_BYTES), keys)
        const url = new URL(endpoint)
        // A literal address is never looked up.
        const literal = url.hostname.replace(/^\[|\]$/g, '')
        if (/^[\d.]+$|:/.test(literal) && !isAllowed(literal)) {
          fail(`${literal} is not on the public internet`)
          return
        }
        const sent = request(url, {
          method: 'POST',
          agent: false,
          lookup,
          timeout: timeoutMs,
          ...(ca !== undefined && { ca }),
          headers: {
            Authorization: vapid.authorization(endpoint, clock.date()),
            'Content-Encoding': 'aes128gcm',
            'Content-Type': 'application/octet-stream',
            'Content-Length': String(body.length),
            TTL: String(message.ttlSeconds),
            Topic: message.topic,
            Urgency: message.urgency,
          },
        })
        sent.on('response', (response) => {
          const { statusCode = 0 } = response
          // What it says is nobody's business, and redirects are not followed: they could lead inside.
          response.destroy()
          if (statusCode >= 200 && statusCode < 300) resolve({ kind: 'sent' })
          else if (statusCode === 404 || statusCode === 410) resolve({ kind: 'gone' })
          else fail(`${url.host} answered ${statusCode}`)
        })
        sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
        sent.on('error', (error) => fail(`${url.host}: ${error.message}`))
        sent.end(body)
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error))
      }
    })
}

/** The address that is connected to is the one that was checked: a name cannot change its mind between. */
function guardedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, '')
        return
      }
      const allowed = addresses.filter(({ address }) => isAllowed(address))
      const [first] = allowed
      if (!first) callback(new Error(`${hostname} is not on the public internet`), '')
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
