import type { ViewerJson } from '@conductor/api-types'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { ServerEvents } from '../api/server-events.ts'
import { visibleText } from '../terminal/visible-text.ts'

/** Somebody who looks at a session, as far as a page needs it. */
export type Viewer = ViewerJson

/** Who looks at which session of one server, as it happens. The stream of events begins with all of it. */
export interface ViewerLists {
  /** In the order in which they came; reads a signal. */
  of(sessionId: string): readonly Viewer[]
  /** All of them, by session. */
  readonly all: ReadonlySignal<ReadonlyMap<string, readonly Viewer[]>>
}

const NOBODY: readonly Viewer[] = []

export function createViewerLists(events: Pick<ServerEvents, 'on'>): ViewerLists {
  const all = signal<ReadonlyMap<string, readonly Viewer[]>>(new Map())

  function put(id: string, viewers: readonly Viewer[] | undefined): void {
    const next = new Map(all.value)
    if (viewers) next.set(id, viewers)
    else next.delete(id)
    all.value = next
  }

  events.on('sessions', (data) => {
    const sessions = Array.isArray(data) ? data : []
    all.value = new Map(
      sessions.flatMap((each: unknown) => {
        const { id, viewerList } = fieldsOf(each)
        return typeof id === 'string' ? [[id, readViewers(viewerList)]] : []
      }),
    )
  })
  events.on('session.viewers', (data) => {
    const { id, viewerList } = fieldsOf(data)
    if (typeof id === 'string') put(id, readViewers(viewerList))
  })
  events.on('session.removed', (data) => {
    const { id } = fieldsOf(data)
    if (typeof id === 'string') put(id, undefined)
  })

  return { all, of: (sessionId) => all.value.get(sessionId) ?? NOBODY }
}

/** What an older server does not say is passed over. */
export function readViewers(value: unknown): readonly Viewer[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown): Viewer[] => {
    const { id, mode, via, label, address, since, typing } = fieldsOf(each)
    if (typeof id !== 'string' || typeof via !== 'string') return []
    return [
      {
        id,
        mode: mode === 'viewer' ? 'viewer' : 'driver',
        // One of the three, or what a newer server has besides: it is only shown.
        via: via as Viewer['via'],
        since: typeof since === 'string' ? since : '',
        ...(typeof label === 'string' && label && { label: visibleText(label) }),
        ...(typeof address === 'string' && { address }),
        ...(typing === true && { typing }),
      },
    ]
  })
}

/** Whom to call somebody. */
export function viewerName({ label, via, address }: Viewer): string {
  if (label) return label
  if (via === 'cli') return 'The command line'
  if (via.startsWith('share:')) return 'A guest'
  return address ? `Login from ${address}` : 'A login'
}

/** As in "3 look on, Ana types"; `undefined` while nobody else is there. */
export function viewersText(viewers: readonly Viewer[]): string | undefined {
  if (viewers.length < 2) return undefined
  const typist = viewers.find(({ typing }) => typing)
  const who =
    typist && (typist.label ?? (typist.via.startsWith('share:') ? 'a guest' : 'the owner'))
  return `${viewers.length} look on${who ? `, ${who} types` : ''}`
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
