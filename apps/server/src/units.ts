const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const SIZE_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
}

/** Milliseconds of `24h`, `90m`, `1h30m`, `3600s`, `500ms`; `undefined` when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    total += Number(amount) * (DURATION_MS[unit ?? ''] ?? Number.NaN)
  return Math.round(total)
}

/** Bytes of `64M`, `512k`, `1G`, `65536`; `undefined` when it is no size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text) ?? []
  if (amount === undefined) return undefined
  return Math.round(Number(amount) * (SIZE_BYTES[unit.toLowerCase()] ?? Number.NaN))
}

export interface Address {
  /** Without brackets: `127.0.0.1`, `::1`, `localhost`. */
  readonly host: string
  readonly port: number
}

/** `host:port`, `:port` (every interface) or `[::1]:port`; `undefined` when it is no address. */
export function parseAddress(text: string): Address | undefined {
  const [, inBrackets, plain = '', digits] =
    /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9._-]*)):(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return undefined
  return { host: inBrackets ?? (plain || '0.0.0.0'), port }
}

/** Whether only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^::ffff:/i, '').toLowerCase()
  return plain === 'localhost' || plain === '::1' || /^127(?:\.\d{1,3}){3}$/.test(plain)
}
