import { type Finding, findings } from './finding.ts'

/** How a server is asked through a proxy: what a test replaces. */
export interface Way {
  /** @throws when there is no answer. */
  readonly get: (path: string) => Promise<Answer>
  /** The close code of a WebSocket that logs in with nothing, or the status of a refused upgrade. */
  readonly upgrade: () => Promise<
    { readonly closeCode: number } | { readonly status: number } | { readonly error: string }
  >
  /** An event stream and a WebSocket at once, for longer than the server is ever silent; `undefined` without a login. */
  readonly linger: () => Promise<
    { readonly stream: Lingered; readonly socket: Lingered } | undefined
  >
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** Where a redirect leads to. */
  readonly location?: string | undefined
}

/** What became of a connection on which next to nothing is said. */
export type Lingered =
  | { readonly kind: 'stayed' }
  /** Nothing came through it. */
  | { readonly kind: 'held back' }
  | { readonly kind: 'closed'; readonly afterMs: number }

/** What a server says to a WebSocket that has not logged in, after the upgrade. */
const NOT_LOGGED_IN = 4401

/**
 * Whether a proxy passes on what a page needs.
 *
 * @param site Origin and path, without a slash at its end, as in `https://example.org/conductor`.
 * @param options.isProxy Whether there is one: not when `site` is where the server itself listens.
 */
export async function checkProxy(
  way: Way,
  site: string,
  { isProxy = true }: { readonly isProxy?: boolean } = {},
): Promise<readonly Finding[]> {
  const wrongPlace = await checkPlace(way, site)
  if (wrongPlace) return [wrongPlace]
  const { pass } = findings('proxy')
  return [
    pass(`${site} leads to a server`),
    ...(isProxy ? [await checkForwarded(way)] : []),
    await checkUpgrade(way, site),
    ...(await checkLingering(way)),
  ]
}

/** That the address leads to a server, and that it and the server agree on the path. */
async function checkPlace(way: Way, site: string): Promise<Finding | undefined> {
  const { fail } = findings('proxy')
  const { origin, pathname } = new URL(site)
  const base = pathname.replace(/\/$/, '')
  const setBase = base
    ? `AI_CONDUCTOR_BASE_PATH=${base}, and start the server again`
    : 'give --url with that path, or start the server without AI_CONDUCTOR_BASE_PATH'
  const noPage = 'pages do not find what they need'
  try {
    const health = await way.get('/api/health')
    if (health.text.includes('WRONG_HOST'))
      return fail(
        'the server does not answer to that name',
        'it refuses every request, so that no foreign name leads to your terminals',
        `AI_CONDUCTOR_ALLOWED_ORIGINS=${origin}, and start it again`,
      )
    if (/"not found|OUTSIDE_BASE_PATH/.test(health.text))
      return fail(`the server is not below ${base || '/'}: ${health.text}`, noPage, setBase)
    if (health.status !== 200 || !health.text.includes('"ok"'))
      return fail(
        `${site}/api/health answers ${health.status}, and not as a server of ours`,
        'whatever is there, it is not this server',
        'look into the log of the proxy; its target is what "conductor status" prints',
      )
    // Health is answered with and without the path: whether a page is, is the question.
    const page = await way.get('/')
    if (page.text.includes('OUTSIDE_BASE_PATH'))
      return base
        ? fail(
            `the proxy takes ${base} away`,
            'the server waits for requests with it',
            'pass the path on as it is: in nginx, proxy_pass http://127.0.0.1:8080; with no slash at its end',
          )
        : fail(`the server is elsewhere: ${page.text}`, noPage, setBase)
    const { location } = await way.get('/terminal')
    if (location !== undefined && new URL(location, `${site}/terminal`).pathname !== `${base}/`)
      return fail(`the server sends browsers to ${location}, not to ${base}/`, noPage, setBase)
    return undefined
  } catch (error) {
    return fail(
      `no answer from ${site}: ${reasonOf(error)}`,
      'nobody can reach the server there',
      `see that the proxy runs, and that the name leads to it: curl -v ${site}/api/health`,
    )
  }
}

/** `/healthz` is for this machine alone: whoever gets it through a proxy is taken for it. */
async function checkForwarded(way: Way): Promise<Finding> {
  const { pass, fail } = findings('proxy: X-Forwarded-For')
  const { status, text } = await way.get('/healthz')
  if (status !== 200 || !text.includes('"pid"')) return pass('set')
  return fail(
    'not set',
    'everybody counts as this machine: /metrics needs no login, and who has one may end the server',
    'in nginx: proxy_set_header X-Forwarded-For $remote_addr;',
  )
}

async function checkUpgrade(way: Way, site: string): Promise<Finding> {
  const { pass, fail } = findings('proxy: WebSocket')
  const found = await way.upgrade()
  if ('closeCode' in found && found.closeCode === NOT_LOGGED_IN) return pass('passed on')
  const why = 'pages log in, and their terminals reconnect for ever'
  if ('status' in found && found.status === 403)
    return fail(
      'refused by the server',
      why,
      `AI_CONDUCTOR_ALLOWED_ORIGINS=${new URL(site).origin}; in nginx also: proxy_set_header Host $http_host;`,
    )
  const what =
    'closeCode' in found
      ? `closed with ${found.closeCode}`
      : 'status' in found
        ? `answered ${found.status}`
        : found.error
  return fail(
    `not passed on (${what})`,
    why,
    'in nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";',
  )
}

async function checkLingering(way: Way): Promise<readonly Finding[]> {
  const stream = findings('proxy: event stream')
  const socket = findings('proxy: idle WebSocket')
  const found = await way.linger()
  if (found === undefined)
    return [
      stream.warn(
        'not tried',
        'it needs a login, and neither the password file nor AI_CONDUCTOR_PASSWORD opens it',
        'run it as the user of the server, or with AI_CONDUCTOR_PASSWORD, for an https address',
      ),
    ]
  const judge = ({ pass, fail }: typeof stream, lingered: Lingered, why: string): Finding => {
    if (lingered.kind === 'stayed') return pass('stays open, and says what it has to at once')
    if (lingered.kind === 'held back')
      return fail(
        'held back by the proxy',
        why,
        'in nginx: proxy_buffering off; and gzip not for text/event-stream',
      )
    return fail(
      `closed after ${(lingered.afterMs / 1_000).toFixed(1)} s of silence`,
      `${why}; the server shows a sign of life every 10 s`,
      'in nginx: proxy_read_timeout 30s; proxy_send_timeout 30s;',
    )
  }
  return [
    judge(stream, found.stream, 'the list of sessions comes late, or not at all'),
    judge(socket, found.socket, 'terminals reconnect again and again'),
  ]
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
