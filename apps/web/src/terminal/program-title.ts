const LONGEST_TITLE = 80

/** Controls, marks that turn the direction of text, and what cannot be seen. */
const HOSTILE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** A title as a program has set it, fit to be shown beside what we say ourselves. */
export function cleanTitle(title: string): string {
  const plain = title.replace(HOSTILE, ' ').replace(/\s+/g, ' ').trim()
  const characters = [...plain]
  if (characters.length <= LONGEST_TITLE) return plain
  return `${characters.slice(0, LONGEST_TITLE - 1).join('')}…`
}
