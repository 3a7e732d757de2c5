/** One draw: a number in [0, 1), and the generator to keep for the next one. */
export interface Draw {
  readonly value: number
  /** An unsigned 32-bit number. */
  readonly rng: number
}

/**
 * Mulberry32: 32 bits of state, so that it fits into plain JSON. For jitter, not for secrets.
 *
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export function draw(rng: number): Draw {
  const next = (rng + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(next ^ (next >>> 15), next | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, rng: next }
}
