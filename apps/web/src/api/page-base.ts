/**
 * The folder that this page lies in, which is the server's, wherever a proxy has put it: every
 * address of ours is made from it, as in `new URL('api/sessions', base)`.
 */
export function pageBase(address: string = document.baseURI): URL {
  const base = new URL('./', address)
  base.hash = ''
  base.search = ''
  return base
}

/** The same, for a WebSocket. */
export function socketUrl(path: string, base: URL): string {
  const url = new URL(path, base)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
