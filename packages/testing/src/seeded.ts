/**
 * A stand-in for `Math.random` that repeats itself: the same seed, the same numbers.
 *
 * Print the seed of a random test, and a failure can be run again.
 *
 * @param seed Any integer; its lowest 32 bits count.
 * @returns A function that returns numbers in [0, 1), 2^32 different ones.
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c mulberry32
 */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
