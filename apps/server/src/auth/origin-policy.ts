import { isLoopback } from '../units.ts'

export interface OriginPolicyOptions {
  /** What the server is bound to, as in `127.0.0.1`, `::1` or `0.0.0.0`. */
  readonly host: string
  /** The port that it really got. */
  readonly port: () => number
  /** Further origins; their hosts are allowed as well. */
  readonly allowedOrigins: readonly string[]
  /** The machine's own names and addresses, asked when the server is bound to all of them. */
  readonly ownNames: () => readonly string[]
}

/** Which addresses this server answers under, and which pages may speak to it. */
export interface OriginPolicy {
  /** Whether the `Host` header names this server: a rebound DNS name does not. */
  allowsHost(host: string | undefined): boolean
  /** Whether scheme, host and port of `Origin` are exactly one of ours. */
  allowsOrigin(origin: string): boolean
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const EVERY_INTERFACE = new Set(['0.0.0.0', '::'])

export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { host, port, allowedOrigins, ownNames } = options
  const configured = new Set(allowedOrigins)
  const configuredHosts = new Set(allowedOrigins.map((origin) => new URL(origin).host))
  let known: ReadonlySet<string> = new Set()

  /** The port is known once the server listens, and addresses come and go: a miss looks again. */
  function isOurs(origin: string): boolean {
    if (known.has(origin)) return true
    const names = EVERY_INTERFACE.has(host)
      ? [host, ...LOOPBACK, ...ownNames()]
      : [host, ...(isLoopback(host) ? LOOPBACK : [])]
    known = new Set(names.flatMap((name) => originOf(name, port())))
    return known.has(origin)
  }

  return {
    allowsHost(header) {
      const plain = header?.toLowerCase() ?? ''
      if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(plain)) return false
      if (!URL.canParse(`http://${plain}`)) return false
      const url = new URL(`http://${plain}`)
      return configuredHosts.has(plain) || configuredHosts.has(url.host) || isOurs(url.origin)
    },
    allowsOrigin: (origin) => configured.has(origin) || isOurs(origin),
  }
}

function originOf(name: string, port: number): readonly string[] {
  const text = `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  return URL.canParse(text) ? [new URL(text).origin] : []
}
