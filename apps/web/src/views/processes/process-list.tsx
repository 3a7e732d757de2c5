import type { ProcessJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Server } from '../../servers/server.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Icon } from '../../ui/icons.tsx'
import { useNow, useWidth } from '../../ui/use-now.ts'
import type { ViewProps } from '../views.ts'
import { NoProcesses } from './no-processes.tsx'
import { control } from './process-actions.tsx'
import { ProcessCards } from './process-cards.tsx'
import { processesOf } from './process-store.ts'
import { ProcessTable } from './process-table.tsx'
import { countsText, groupsOf } from './process-text.ts'

/** Narrower than this, a table would have to be scrolled sideways, in pixels. */
const TABLE_PX = 680
/** From here on there is room for every column. */
const WIDE_PX = 1_100

/** The processes of every server. */
export function ProcessList(props: ViewProps): JSX.Element {
  const [measured, width] = useWidth()
  const servers = props.app.servers.all.value
  return (
    <div ref={measured} class="view-body">
      <h2 class="view-title">Processes</h2>
      {width !== undefined &&
        servers.map((server) => (
          <section key={server.id} aria-label={`Server ${server.name}`}>
            {servers.length > 1 && <h3 class="processes-server">{server.name}</h3>}
            <OfServer {...props} server={server} width={width} />
          </section>
        ))}
    </div>
  )
}

interface OfServerProps extends ViewProps {
  readonly server: Server
  readonly width: number
}

function OfServer({ app, pane, server, width }: OfServerProps): JSX.Element {
  const store = processesOf(server)
  const state = store.state.value
  const usage = store.usage.value
  const nowMs = useNow()
  const [group, setGroup] = useState('')

  if (state.name === 'loading')
    return (
      <div class="skeletons" role="status" aria-label="Loading the processes">
        <span />
        <span />
      </div>
    )
  if (state.name === 'failed')
    return (
      <EmptyState icon="warning" title="The processes cannot be shown" text={`${state.text}.`}>
        <button type="button" class="button" onClick={() => void store.refresh()}>
          Try again
        </button>
      </EmptyState>
    )
  const { processes } = state
  if (processes.length === 0) return <NoProcesses app={app} />

  const groups = groupsOf(processes)
  const chosen = groups.includes(group) ? group : ''
  const shown = chosen ? processes.filter(({ spec }) => spec.groups?.includes(chosen)) : processes
  const rows = { app, pane, server: server.id, processes: shown, usage, nowMs }
  return (
    <>
      <p class="view-lead">{countsText(processes)}</p>
      {groups.length > 0 && (
        <Groups groups={groups} processes={processes} chosen={chosen} onChoose={setGroup}>
          {chosen && (
            <span class="group-actions">
              {(['start', 'restart', 'stop'] as const).map((verb) => (
                <button
                  key={verb}
                  type="button"
                  class="button"
                  onClick={() => void control(app, { server: server.id, id: chosen }, verb)}
                >
                  <Icon name={verb === 'start' ? 'play' : verb} />
                  {{ start: 'Start', restart: 'Restart', stop: 'Stop' }[verb]} all
                </button>
              ))}
            </span>
          )}
        </Groups>
      )}
      {width < TABLE_PX ? (
        <ProcessCards {...rows} />
      ) : (
        <ProcessTable {...rows} wide={width >= WIDE_PX} />
      )}
    </>
  )
}

interface GroupsProps {
  readonly groups: readonly string[]
  readonly processes: readonly ProcessJson[]
  readonly chosen: string
  readonly onChoose: (group: string) => void
  readonly children: JSX.Element | '' | undefined
}

/** Which of them to look at, and what can be done with all of those at once. */
function Groups({ groups, processes, chosen, onChoose, children }: GroupsProps): JSX.Element {
  const count = (group: string): number =>
    processes.filter(({ spec }) => !group || spec.groups?.includes(group)).length
  return (
    <div class="groups">
      <fieldset class="chips" aria-label="Groups">
        {['', ...groups].map((group) => (
          <button
            key={group}
            type="button"
            class="chip"
            aria-pressed={group === chosen}
            onClick={() => onChoose(group)}
          >
            {group ? visibleText(group) : 'All'} <span class="chip-count">{count(group)}</span>
          </button>
        ))}
      </fieldset>
      {children}
    </div>
  )
}
