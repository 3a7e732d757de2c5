import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * One of five costs that OWASP holds to be equally strong, and the one that takes the least memory:
 * 16 MiB, and some 0.2 s a guess.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST = { log2N: 14, r: 8, p: 5 } as const

/** What a line may ask of the server at most: 256 MiB a guess. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024

const SALT_BYTES = 16
const HASH_BYTES = 32

/** `scrypt`, log2 of N, r, p, salt and hash: no character that a shell, a unit or a compose file reads as its own. */
const LINE = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w-]{22,86}):([\w-]{43,86})$/

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

interface Parsed {
  readonly options: Cost
  readonly salt: Buffer
  readonly hash: Buffer
}

/** The line that stands for `password` in the settings. A new one each time. */
export async function hashPassword(password: string): Promise<string> {
  const { log2N, r, p } = COST
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, { N: 2 ** log2N, r, p })
  return ['scrypt', log2N, r, p, salt.toString('base64url'), hash.toString('base64url')].join(':')
}

/** The line itself, if it is one of `hashPassword`, or of one that was more thorough. */
export function parsePasswordHash(line: string): string | undefined {
  return parse(line) && line
}

/**
 * Compares with the password of which `line` was made. One guess at a time: however many come at once,
 * they keep one core busy, and not all of them.
 *
 * @throws RangeError when `line` is none.
 */
export function createHashCheck(line: string): (given: string) => Promise<boolean> {
  const parsed = parse(line)
  if (!parsed) throw new RangeError('not a line of hashPassword')
  const { salt, hash, options } = parsed
  let before: Promise<unknown> = Promise.resolve()
  return (given) => {
    const found = before.then(() => derive(given, salt, hash.length, options))
    before = found.catch(() => {})
    return found.then((derived) => timingSafeEqual(derived, hash))
  }
}

function parse(line: string): Parsed | undefined {
  const [, log2N, r, p, salt = '', hash = ''] = LINE.exec(line) ?? []
  const options = { N: 2 ** Number(log2N), r: Number(r), p: Number(p) }
  // Weaker than what we make ourselves is a mistake; a NaN is no line.
  const isStrong = options.N >= 2 ** COST.log2N && options.r >= COST.r && options.p >= 1
  if (!isStrong || memoryOf(options) > MOST_MEMORY_BYTES) return undefined
  return { options, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
}

const memoryOf = ({ N, r, p }: Cost): number => 128 * r * (N + p)

function derive(password: string, salt: Buffer, bytes: number, options: Cost): Promise<Buffer> {
  // The limit of Node counts a little more than the algorithm needs.
  const maxmem = 2 * memoryOf(options)
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { ...options, maxmem }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    )
  })
}
