import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { PUSH_CERTIFICATE, PUSH_KEY } from './push-certificate.ts'
import type { AtTheEnd } from './test-server.ts'

/** A browser that has subscribed. */
export interface Receiver {
  /** As `PushSubscription.toJSON` gives it. */
  readonly subscription: {
    readonly endpoint: string
    readonly keys: { readonly p256dh: string; readonly auth: string }
  }
  /** What it was sent, decrypted. */
  readonly messages: readonly {
    readonly headers: IncomingHttpHeaders
    readonly payload: Buffer
  }[]
  /** What the service answers for it from now on; 0: nothing. */
  status: number
  /** Where it sends those who answer with a redirect. */
  location: string | undefined
}

/** A push service as those of browsers are, over https, on this machine. */
export interface PushService {
  readonly ca: string
  readonly port: number
  /** Requests that came, whatever became of them. */
  readonly requests: number
  receiver(): Receiver
}

export async function pushService(atTheEnd: AtTheEnd): Promise<PushService> {
  const receivers = new Map<string, (headers: IncomingHttpHeaders, body: Buffer) => Receiver>()
  let requests = 0
  const http = createServer(
    { cert: PUSH_CERTIFICATE, key: PUSH_KEY },
    async (request, response) => {
      requests++
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const receiver = receivers.get(request.url ?? '')?.(request.headers, Buffer.concat(pieces))
      const { status = 404, location } = receiver ?? {}
      if (status > 0) response.writeHead(status, location ? { location } : {}).end('{"a":"secret"}')
    },
  )
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  atTheEnd(() => {
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo

  return {
    ca: PUSH_CERTIFICATE,
    port,
    get requests() {
      return requests
    },
    receiver() {
      const own = createECDH('prime256v1')
      const auth = randomBytes(16)
      const path = `/${randomBytes(8).toString('hex')}`
      const messages: Receiver['messages'][number][] = []
      const receiver: Receiver = {
        subscription: {
          endpoint: `https://localhost:${port}${path}`,
          keys: {
            p256dh: own.generateKeys('base64url'),
            auth: auth.toString('base64url'),
          },
        },
        messages,
        status: 201,
        location: undefined,
      }
      receivers.set(path, (headers, body) => {
        if (receiver.status === 201) messages.push({ headers, payload: decrypt(body, own, auth) })
        return receiver
      })
      return receiver
    },
  }
}

/** What a browser does with a message: RFC 8291 from the other end. */
export function decrypt(body: Buffer, own: ECDH, auth: Buffer): Buffer {
  const salt = body.subarray(0, 16)
  const keyLength = body.readUInt8(20)
  const sender = body.subarray(21, 21 + keyLength)
  const sealed = body.subarray(21 + keyLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), own.getPublicKey(), sender])
  const ikm = Buffer.from(hkdfSync('sha256', own.computeSecret(sender), auth, info, 32))
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync('sha256', ikm, salt, `Content-Encoding: ${name}\0`, length))
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  decipher.setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  return padded.subarray(0, padded.lastIndexOf(2))
}
