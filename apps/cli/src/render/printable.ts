/** Controls other than tabs: what steers a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g

/** One line that somebody else wrote, so that it cannot steer the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROLS, '\ufffd')
}
