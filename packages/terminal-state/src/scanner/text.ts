/** Characters of a text that are kept: a title bar or a notification shows no more. */
export const MOST_TEXT_CHARACTERS = 1_024

/** Controls, what turns the direction of text around, what has no width and can hide, and broken characters. */
const UNWANTED = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\ufff9-\uffff]/gu
/** Joins emoji, and shapes letters of some scripts; harmless. */
const JOINERS = /[\u200c\u200d]/

/** Text of a program for people and for other programs: what it could be misused for is taken out. */
export function cleanText(text: string, mostCharacters: number = MOST_TEXT_CHARACTERS): string {
  const clean = text
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNWANTED, (each) => (JOINERS.test(each) ? each : ''))
  const characters = [...clean.slice(0, mostCharacters * 2)]
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters - 1).join('')}…`
    : clean
}

/** Text out of bytes: what is no UTF-8 becomes nothing. */
export function textOf(bytes: Buffer): string {
  return bytes.toString('utf8')
}
