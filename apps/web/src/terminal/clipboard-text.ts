/** More than this is no text that somebody wants to paste, in characters of base64. */
const LONGEST = 1_400_000

/**
 * What a program wants to put into the clipboard, from the data of an OSC 52 (`c;<base64>`).
 *
 * @returns `undefined` for a query (`c;?`), which is never answered, and for what is no text.
 */
export function clipboardText(data: string): string | undefined {
  const at = data.indexOf(';')
  const encoded = data.slice(at + 1)
  if (at < 0 || encoded === '' || encoded === '?' || encoded.length > LONGEST) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
