import type { ProcessJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SessionRef } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { bytesText, percentText } from '../../ui/measures.ts'
import { Menu } from '../../ui/menu.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { can, control, processPlace, showProcess } from './process-actions.tsx'
import type { UsagePoint } from './process-store.ts'
import { healthOf, portsOf, stateOf, uptimeText } from './process-text.ts'
import { Sparkline } from './sparkline.tsx'

export interface ProcessRowsProps {
  readonly app: App
  /** The pane of the list. */
  readonly pane: string
  readonly server: string
  readonly processes: readonly ProcessJson[]
  readonly usage: ReadonlyMap<string, readonly UsagePoint[]>
  readonly nowMs: number
}

interface ProcessTableProps extends ProcessRowsProps {
  /** Whether there is room for what is least asked for. */
  readonly wide: boolean
}

/** Below that, a line of CPU is flat, in percent of a core. */
const CPU_TOP = 10

const PID: Column<ProcessJson> = {
  title: 'PID',
  numeric: true,
  cell: ({ pid }) => pid ?? '–',
}

export function ProcessTable(props: ProcessTableProps): JSX.Element {
  const { app, server, processes, usage, nowMs, wide } = props
  const columns: readonly Column<ProcessJson>[] = [
    { title: 'Name', cell: (process) => <NameButton {...props} process={process} /> },
    { title: 'State', cell: (process) => <StateMark {...stateOf(process, nowMs)} /> },
    { title: 'Health', cell: (process) => <StateMark {...healthOf(process)} /> },
    { title: 'Up', numeric: true, cell: (process) => uptimeText(process, nowMs) },
    { title: 'Restarts', numeric: true, cell: ({ restarts }) => restarts },
    {
      title: 'CPU',
      numeric: true,
      cell: (process) => <Cpu process={process} points={usage.get(process.name)} />,
    },
    {
      title: 'Memory',
      numeric: true,
      cell: (process) => <Memory process={process} points={usage.get(process.name)} />,
    },
    { title: 'Port', numeric: true, cell: ({ spec }) => portsOf(spec).join(', ') || '–' },
    ...(wide ? [PID] : []),
    {
      title: 'Actions',
      cell: (process) => <Actions {...props} process={process} />,
    },
  ]
  return (
    <Table
      label={`Processes of ${app.servers.find(server)?.name ?? server}`}
      columns={columns}
      rows={processes}
      keyOf={({ name }) => name}
    />
  )
}

interface OneProps extends ProcessRowsProps {
  readonly process: ProcessJson
}

/** Leads to it; with Control, or the middle button, into a tab of its own. */
export function NameButton({ app, pane, server, process }: OneProps): JSX.Element {
  const { name, lastError, phase } = process
  const place = processPlace({ server, id: name })
  const fails = phase === 'backoff' || phase === 'failed'
  return (
    <span class="process-name">
      <button
        type="button"
        class="name-button"
        data-process={name}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey) app.workspace.open(place)
          else showProcess(app, place, pane)
        }}
        onAuxClick={(event) => {
          if (event.button === 1) app.workspace.open(place)
        }}
      >
        {visibleText(name)}
      </button>
      {fails && lastError && (
        <span class="process-error" title={visibleText(lastError)}>
          {visibleText(lastError)}
        </span>
      )}
    </span>
  )
}

interface UsageProps {
  readonly process: ProcessJson
  readonly points: readonly UsagePoint[] | undefined
}

export function Cpu({ process, points = [] }: UsageProps): JSX.Element {
  if (!process.usage) return <>–</>
  return (
    <span class="measure">
      <Sparkline values={points.map(({ cpuPercent }) => cpuPercent)} top={CPU_TOP} />
      <span class="measure-value">{percentText(process.usage.cpuPercent)}</span>
    </span>
  )
}

export function Memory({ process, points = [] }: UsageProps): JSX.Element {
  if (!process.usage) return <>–</>
  const { rssBytes } = process.usage
  return (
    <span class="measure">
      <Sparkline values={points.map((point) => point.rssBytes)} top={rssBytes * 1.5} />
      <span class="measure-value">{bytesText(rssBytes)}</span>
    </span>
  )
}

/** What can be done with it at once, and a menu for the rest. */
export function Actions({ app, pane, server, process }: OneProps): JSX.Element {
  const [menuAt, setMenuAt] = useState<{ readonly x: number; readonly y: number }>()
  const ref: SessionRef = { server, id: process.name }
  const name = visibleText(process.name)
  const starts = can('start', process)
  return (
    <span class="row-actions">
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
      <IconButton
        icon="more"
        label={`More about ${name}`}
        expanded={menuAt !== undefined}
        onClick={({ currentTarget }) => {
          const box = (currentTarget as HTMLElement).getBoundingClientRect()
          setMenuAt({ x: box.right - 220, y: box.bottom + 4 })
        }}
      />
      {menuAt && (
        <Menu
          label={`More about ${name}`}
          at={menuAt}
          onClose={() => setMenuAt(undefined)}
          items={[
            {
              label: 'Log',
              icon: 'prompt',
              run: () => showProcess(app, processPlace(ref, 'log'), pane),
            },
            {
              label: 'Why it is so',
              icon: 'info',
              run: () => showProcess(app, processPlace(ref, 'why'), pane),
            },
            {
              label: 'Details',
              icon: 'activity',
              run: () => showProcess(app, processPlace(ref, 'details'), pane),
            },
            {
              label: 'In a tab of its own',
              icon: 'layers',
              separated: true,
              run: () => app.workspace.open(processPlace(ref)),
            },
          ]}
        />
      )}
    </span>
  )
}
