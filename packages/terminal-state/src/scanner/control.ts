/** Parameters that count: those behind are passed over, as xterm.js does. */
const MOST_PARAMETERS = 32
const PREFIXES = ['<', '=', '>', '?']
const MOST_VALUE = 2_147_483_647

/** The head of a control sequence, taken apart. */
export interface Control {
  /** One of `<=>?`, or empty. */
  readonly prefix: string
  readonly intermediates: string
  /** What is left out is 0. Sub-parameters (after a colon) are dropped. */
  readonly parameters: readonly number[]
}

/** Reads `bytes[from..to]`; `undefined` for what no terminal would follow. */
export function readControl(bytes: Buffer, from: number, to: number): Control | undefined {
  let at = from
  let prefix = ''
  const first = bytes[at] ?? 0
  if (at < to && first >= 0x3c) {
    prefix = PREFIXES[first - 0x3c] ?? ''
    at++
  }
  const parameters = [0]
  let isSub = false
  for (; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30) break
    if (byte >= 0x3c) return undefined
    const last = parameters.length - 1
    if (byte === 0x3a) isSub = true
    else if (byte === 0x3b) {
      isSub = last + 1 === MOST_PARAMETERS
      if (!isSub) parameters.push(0)
    } else if (!isSub)
      parameters[last] = Math.min((parameters[last] ?? 0) * 10 + byte - 0x30, MOST_VALUE)
  }
  for (let look = at; look < to; look++) if ((bytes[look] ?? 0) >= 0x30) return undefined
  const intermediates = at === to ? '' : bytes.toString('latin1', at, to)
  return { prefix, intermediates, parameters }
}
