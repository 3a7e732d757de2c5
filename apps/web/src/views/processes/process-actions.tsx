import type { ProcessJson } from '@conductor/api-types'
import { activeTab, findPlace, panesOf } from '../../layout/layout.ts'
import type { Place } from '../../layout/place.ts'
import { type SessionRef, sessionPlace } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { processesOf } from './process-store.ts'

export type Verb = 'start' | 'stop' | 'restart'

/** What a process shows of itself. */
export type Part = 'log' | 'why' | 'details'

/** A process, a replica or a group: its name is its id. */
export function processPlace(ref: SessionRef, part?: Part): Place {
  return sessionPlace(ref, part ? { part } : {}, 'processes')
}

/** Does it, and asks before something that runs is ended. What fails is told by a toast. */
export async function control(app: App, ref: SessionRef, verb: Verb): Promise<void> {
  const server = app.servers.find(ref.server)
  if (!server) return
  const state = processesOf(server).state.peek()
  const all = state.name === 'ready' ? state.processes : []
  if (verb !== 'start' && !(await mayEnd(app, ref.id, verb, all))) return
  await app.sessions.attempt(async () => {
    await server.api.send('POST', `api/processes/${encodeURIComponent(ref.id)}/${verb}`)
  })
}

async function mayEnd(
  app: App,
  name: string,
  verb: 'stop' | 'restart',
  all: readonly ProcessJson[],
): Promise<boolean> {
  const named = all.filter(({ name: each, spec }) => each === name || spec.groups?.includes(name))
  const running = named.filter(({ pid }) => pid !== undefined)
  if (running.length === 0) return true
  const needing = all.filter(
    ({ pid, spec }) =>
      pid !== undefined &&
      named.some((each) => Object.hasOwn(spec.dependsOn ?? {}, each.spec.name)),
  )
  const isGroup = named[0]?.name !== name
  const what = `${isGroup ? 'all of ' : ''}${visibleText(name)}`
  const answer = await app.dialogs.show<true>((close) => (
    <Confirm
      title={`${verb === 'stop' ? 'Stop' : 'Restart'} ${what}?`}
      text={[
        isGroup
          ? `${running.length} run: ${running.map((each) => visibleText(each.name)).join(', ')}.`
          : 'It ends with everything that it has started.',
        verb === 'stop' ? 'It stays stopped until somebody starts it.' : 'Then it starts again.',
        needing.length > 0 &&
          `${needing.map((each) => visibleText(each.name)).join(', ')} ${needing.length === 1 ? 'depends' : 'depend'} on it.`,
      ]
        .filter(Boolean)
        .join(' ')}
      action={verb === 'stop' ? 'Stop' : 'Restart'}
      danger={verb === 'stop'}
      close={close}
    />
  ))
  return answer === true
}

/**
 * Shows one process: beside the list, in the pane that shows another one already; where there is no room
 * for two panes, instead of the list.
 *
 * @param from The pane of the list; `undefined`: from anywhere.
 */
export function showProcess(app: App, place: Place, from?: string): void {
  const { workspace, page } = app
  const layout = workspace.layout.peek()
  const tab = activeTab(layout)
  const panes = tab ? panesOf(tab.root) : []
  const beside = panes.find((pane) => pane.place.kind === 'processes' && pane.place.id)
  const isShown = findPlace(layout, place) !== undefined || from === undefined
  const pane = page.narrow.peek() ? from : beside?.id
  if (!isShown && pane !== undefined) workspace.dispatch({ type: 'navigate', pane, place })
  else workspace.open(place, from === undefined ? 'tab' : 'right')
}

/** Whether this can be asked of it now. */
export function can(verb: Verb, { phase }: ProcessJson): boolean {
  const rests = phase === 'stopped' || phase === 'failed'
  if (verb === 'start') return rests || phase === 'backoff'
  return verb === 'stop' ? !rests && phase !== 'stopping' : phase !== 'stopping' && !rests
}
