/** The address to open for a link in the output; `undefined` for anything that is not a plain web page. */
export function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, href } = new URL(text)
  return protocol === 'https:' || protocol === 'http:' ? href : undefined
}

/** Opens a link in a page that can neither reach back to this one nor see where it came from. */
export function openLink(text: string): void {
  const address = webAddress(text)
  if (address) window.open(address, '_blank', 'noopener,noreferrer')
}
