import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A signed name for a browser that has logged in before.
 *
 * Whoever brings one is counted on its own when passwords are wrong, so that strangers who guess
 * from the same address cannot lock the owner out. It opens nothing.
 *
 * @see https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
export interface DeviceCookies {
  create(): string
  /** The device's name; `undefined` for anything that this server has not signed. */
  read(cookie: string | undefined): string | undefined
}

export function createDeviceCookies(key: Buffer): DeviceCookies {
  const sign = (id: string) => createHmac('sha256', key).update(`device ${id}`).digest('hex')

  return {
    create() {
      const id = randomBytes(16).toString('hex')
      return `${id}.${sign(id)}`
    },
    read(cookie) {
      const [, id, signature] = /^([0-9a-f]{32})\.([0-9a-f]{64})$/.exec(cookie ?? '') ?? []
      if (!id || !signature) return undefined
      return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id))) ? id : undefined
    },
  }
}
