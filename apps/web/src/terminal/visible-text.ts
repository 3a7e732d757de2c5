/** What cannot be seen, or would turn the direction of what follows. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/** Text from a program, so that a person sees every character of it. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, '·')
}
