import { until } from '@conductor/testing'
import type { AtTheEnd } from './program.ts'
import { PASSWORD } from './server.ts'
import type { Visitor } from './visitor.ts'

const PATIENCE_MS = 30_000

export async function logIn(visitor: Visitor): Promise<void> {
  const { status } = await visitor.request('POST', '/api/login', { body: { password: PASSWORD } })
  if (status !== 200) throw new Error(`the login was answered with ${status}`)
}

export async function newSession(visitor: Visitor): Promise<string> {
  const { status, body } = await visitor.request('POST', '/api/sessions', { body: {} })
  if (status !== 201) throw new Error(`a session was answered with ${status}: ${body}`)
  // As the server describes a session.
  return (JSON.parse(body) as { readonly id: string }).id
}

/** A terminal in a page, attached to a new session. */
export interface Terminal {
  readonly text: string
  /** How often its connection has come to life. */
  readonly connects: number
  type(text: string): void
  /** Takes what comes and says nothing: as a page that does not keep up. */
  hold(): void
  release(): void
  sees(text: string): Promise<void>
}

export async function openTerminal(atTheEnd: AtTheEnd, visitor: Visitor): Promise<Terminal> {
  const decoder = new TextDecoder()
  const held: (() => void)[] = []
  let holds = false
  let text = ''
  let connects = 0
  const session = visitor.attach(await newSession(visitor), (bytes, done) => {
    text += decoder.decode(bytes, { stream: true })
    if (holds) held.push(done)
    else done()
  })
  let wasLive = false
  const count = (): void => {
    const isLive = session.status.name === 'live'
    if (isLive && !wasLive) connects++
    wasLive = isLive
  }
  const unsubscribe = session.subscribe(count)
  atTheEnd(() => {
    unsubscribe()
    session.close()
  })
  await until(() => session.status.name === 'live', { timeoutMs: PATIENCE_MS, what: 'it is live' })
  count()
  return {
    get text() {
      return text
    },
    get connects() {
      return connects
    },
    type: (line) => void session.type(line),
    hold() {
      holds = true
    },
    release() {
      holds = false
      for (const done of held.splice(0)) done()
    },
    sees: async (wanted) => {
      await until(() => text.includes(wanted), { timeoutMs: PATIENCE_MS, what: wanted })
    },
  }
}
