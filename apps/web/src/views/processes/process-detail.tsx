import './process-detail.css'
import type { JSX } from 'preact'
import { activeTab, panesOf } from '../../layout/layout.ts'
import { type SessionRef, sessionPlace } from '../../servers/session-ref.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useNow } from '../../ui/use-now.ts'
import type { ViewProps } from '../views.ts'
import { LogView } from './log/log-view.tsx'
import { can, control, type Part, processPlace } from './process-actions.tsx'
import { ProcessDetails } from './process-details.tsx'
import { processesOf } from './process-store.ts'
import { stateOf, uptimeText } from './process-text.ts'
import { ProcessWhy } from './process-why.tsx'

const PARTS: readonly { readonly value: Part; readonly label: string }[] = [
  { value: 'log', label: 'Log' },
  { value: 'why', label: 'Why' },
  { value: 'details', label: 'Details' },
]

/** One process: its log, why it is as it is, and all that is known of it. */
export function ProcessDetail(props: ViewProps & { readonly process: SessionRef }): JSX.Element {
  const { app, place, pane, process: ref } = props
  const server = app.servers.find(ref.server)
  const store = server && processesOf(server)
  const state = store?.state.value
  const process = store?.find(ref.id)
  const nowMs = useNow()
  const part = PARTS.find(({ value }) => value === place.params['part'])?.value ?? 'log'
  const name = visibleText(ref.id)
  const toAll = (): void =>
    app.workspace.dispatch({
      type: 'navigate',
      pane,
      place: sessionPlace({ server: ref.server, id: '' }, {}, 'processes'),
    })

  if (state?.name === 'loading')
    return <div class="view-loading" role="status" aria-label="Loading" />
  if (!server || !process)
    return (
      <EmptyState
        icon="processes"
        title={`There is no process ${name}`}
        text="It may have been removed, or its server is not on this page."
      >
        <button type="button" class="button" onClick={toAll}>
          All processes
        </button>
      </EmptyState>
    )

  const tab = activeTab(app.workspace.layout.value)
  const listIsThere =
    !app.page.narrow.value &&
    tab !== undefined &&
    panesOf(tab.root).some((each) => each.place.kind === 'processes' && !each.place.id)
  const starts = can('start', process)
  const uptime = uptimeText(process, nowMs)
  return (
    <div class="detail">
      <header class="detail-head">
        {!listIsThere && <IconButton icon="back" label="All processes" onClick={toAll} />}
        <div class="detail-title">
          <h2>{name}</h2>
          <p>
            <StateMark {...stateOf(process, nowMs)} />
            {uptime !== '–' && <span>for {uptime}</span>}
          </p>
        </div>
        <IconButton
          icon={starts ? 'play' : 'stop'}
          label={starts ? `Start ${name}` : `Stop ${name}`}
          disabled={!starts && !can('stop', process)}
          onClick={() => void control(app, ref, starts ? 'start' : 'stop')}
        />
        <IconButton
          icon="restart"
          label={`Restart ${name}`}
          disabled={!can('restart', process)}
          onClick={() => void control(app, ref, 'restart')}
        />
        <Tabs
          label={`About ${name}`}
          tabs={PARTS}
          value={part}
          onChange={(next) =>
            app.workspace.dispatch({ type: 'navigate', pane, place: processPlace(ref, next) })
          }
        />
      </header>
      {part === 'log' && <LogView server={server} name={ref.id} />}
      {part === 'why' && <ProcessWhy server={server} process={process} nowMs={nowMs} />}
      {part === 'details' && (
        <ProcessDetails
          process={process}
          points={store?.usage.value.get(ref.id) ?? []}
          dark={app.page.dark.value}
        />
      )}
    </div>
  )
}
