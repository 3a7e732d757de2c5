/**
 * Something that a pane can show: a kind of view, and of what.
 *
 * Its address is a hash, so that it can be kept and sent; a secret never stands in it.
 */
export interface Place {
  /** Which view: `terminal`, `settings`, … */
  readonly kind: string
  /** Of what, as the id of a session; empty where there is only one. */
  readonly id: string
  /** The rest: `server` is where it lies (absent: here), others are for the view, as `at`. */
  readonly params: Readonly<Record<string, string>>
}

const NAME = /^[\w.-]{1,64}$/
const LONGEST_ID = 256

/** @param params What is `undefined` is left out. */
export function place(
  kind: string,
  id = '',
  params: Readonly<Record<string, string | undefined>> = {},
): Place {
  const given = Object.entries(params).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  return { kind, id, params: Object.fromEntries(given) }
}

/** Two places with the same key are the same thing: it is shown once. */
export function placeKey({ kind, id, params }: Place): string {
  return JSON.stringify([kind, id, params['server'] ?? ''])
}

/** `#/session/<id>` for a terminal, `#/view/<kind>/<id>` for everything else; parameters behind a `?`. */
export function hashOf({ kind, id, params }: Place): string {
  const path = kind === 'terminal' ? ['session', id] : id ? ['view', kind, id] : ['view', kind]
  const query = new URLSearchParams(params).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${query && `?${query}`}`
}

/** @returns `undefined` for a hash that leads nowhere. */
export function placeOfHash(hash: string): Place | undefined {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''))
  const [first = '', ...rest] = path.split('/').map(decoded)
  const params = Object.fromEntries(new URLSearchParams(query))
  if (first === 'view') return checked(rest[0] ?? '', rest.slice(1).join('/'), params)
  if (first === 'session') return rest[0] ? checked('terminal', rest[0], params) : undefined
  // As addresses were before there were views: the id of a session alone.
  return first && rest.length === 0 && NAME.test(first) ? place('terminal', first) : undefined
}

/** @returns `undefined` for what is no place, as may lie in a browser's storage. */
export function readPlace(value: unknown): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, id, params } = value as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string' || typeof id !== 'string') return undefined
  const given = typeof params === 'object' && params !== null ? Object.entries(params) : []
  return checked(kind, id, Object.fromEntries(given.filter(([, each]) => typeof each === 'string')))
}

function checked(
  kind: string,
  id: string,
  params: Readonly<Record<string, string>>,
): Place | undefined {
  if (!NAME.test(kind) || id.length > LONGEST_ID) return undefined
  return kind === 'terminal' && id === '' ? undefined : { kind, id, params }
}

function split(text: string): readonly [string, string] {
  const at = text.indexOf('?')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
