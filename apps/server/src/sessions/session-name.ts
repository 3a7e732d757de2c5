/** In UTF-16 units, as JavaScript counts. */
export const LONGEST_NAME = 200

/**
 * What may not stand in a name, because a list or a title shows it: controls (C0, DEL, C1), line and
 * paragraph separators, marks that turn the direction of what follows, and halves of characters.
 *
 * @see https://trojansource.codes
 */
const HOSTILE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u

/** What is wrong with a name; `undefined` when nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return `may have at most ${LONGEST_NAME} characters`
  if (HOSTILE.test(name)) return 'may not hold control or direction characters'
  return undefined
}
