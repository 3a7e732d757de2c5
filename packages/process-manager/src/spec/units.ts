/** Milliseconds in each. */
const DURATIONS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Bytes in each. Letters are powers of 1,024, as in systemd and Docker. */
const SIZES = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const

/** `5s`, `1.5h`, `1m30s` or `250ms` in milliseconds; `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    sum += Number(amount) * DURATIONS[unit as keyof typeof DURATIONS] // the expression lists the keys
  // 0.1s is 100 ms and not 100.00000000000001.
  return Math.round(sum)
}

/** `10M`, `1.5G`, `512K`, `10MB` or `10MiB` in bytes; `undefined` for any other text. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:i?B)?|B)$/.exec(text) ?? []
  if (amount === undefined) return undefined
  return Math.round(Number(amount) * SIZES[(unit ?? 'B') as keyof typeof SIZES]) // as above
}
