import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { CallState } from '../attention/calls.ts'
import { panesOf, type Tab } from '../layout/layout.ts'
import { sessionOf } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import type { Mark } from '../state/terminals.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { CALL_WORDS } from './session-row.tsx'

const DRAGGED = 'application/x-conductor-tab'

export const TAB_PANEL_ID = 'tab-panel'

/** The tabs of this page, as a list that arrow keys move in and that a tab can be dragged about in. */
export function TabStrip({ app }: { readonly app: App }): JSX.Element {
  const { tabs, active } = app.workspace.layout.value
  const strip = useRef<HTMLDivElement>(null)
  const [target, setTarget] = useState(-1)

  useEffect(() => {
    const tab = strip.current?.querySelector('[aria-selected="true"]')
    tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active])

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.key === 'Delete') app.workspace.dispatch({ type: 'closeTab', tab: active })
    else if (step !== undefined && event.altKey) move(step)
    else if (step !== undefined) app.workspace.dispatch({ type: 'step', by: step })
    else if (event.key === 'Enter' || event.key === ' ') app.workspace.refocus()
    else return
    event.preventDefault()
    if (event.key !== 'Enter' && event.key !== ' ')
      // The keyboard stays here: whoever moves on goes on moving.
      requestAnimationFrame(() =>
        strip.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus(),
      )
  }

  function move(step: number): void {
    const at = tabs.findIndex(({ id }) => id === active)
    const index = step > 0 ? at + 2 : at - 1
    if (index >= 0) app.workspace.dispatch({ type: 'moveTab', tab: active, index })
  }

  function onDrop(event: DragEvent): void {
    const tab = event.dataTransfer?.getData(DRAGGED)
    setTarget(-1)
    if (!tab) return
    event.preventDefault()
    app.workspace.dispatch({ type: 'moveTab', tab, index: target < 0 ? tabs.length : target })
  }

  return (
    <div
      ref={strip}
      class="tab-strip"
      role="tablist"
      tabIndex={-1}
      aria-label="Tabs"
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAGGED)) return
        event.preventDefault()
        setTarget(indexAt(event.currentTarget, event.clientX))
      }}
      onDragLeave={() => setTarget(-1)}
      onDrop={onDrop}
    >
      {tabs.map((tab, index) => (
        <TabHandle
          key={tab.id}
          app={app}
          tab={tab}
          selected={tab.id === active}
          target={target === index ? 'before' : target === index + 1 ? 'after' : undefined}
        />
      ))}
    </div>
  )
}

interface TabHandleProps {
  readonly app: App
  readonly tab: Tab
  readonly selected: boolean
  readonly target: 'before' | 'after' | undefined
}

const MARK_WORDS: Readonly<Record<Mark, string>> = {
  none: '',
  activity: ', new output',
  bell: ', rang its bell',
}

function TabHandle({ app, tab, selected, target }: TabHandleProps): JSX.Element {
  const panes = panesOf(tab.root)
  const main = panes.find(({ id }) => id === tab.focused) ?? panes[0]
  const title = main ? app.views.titleOf(main.place, app) : ''
  const mark = markOf(app, tab)
  const call = callOf(app, tab)
  const close = (): void => app.workspace.dispatch({ type: 'closeTab', tab: tab.id })
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the keys are the button's
    <div
      class="tab"
      role="presentation"
      data-tab={tab.id}
      data-selected={selected}
      data-mark={mark}
      data-attention={call ?? 'none'}
      data-drop={target}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, tab.id)}
      onAuxClick={(event) => {
        if (event.button === 1) close()
      }}
    >
      <button
        type="button"
        role="tab"
        class="tab-open"
        aria-selected={selected}
        aria-controls={selected ? TAB_PANEL_ID : undefined}
        aria-keyshortcuts="Delete Alt+ArrowLeft Alt+ArrowRight"
        tabIndex={selected ? 0 : -1}
        title={title}
        onClick={() => {
          app.workspace.dispatch({ type: 'activate', tab: tab.id })
        }}
      >
        <Icon name={app.views.find(main?.place.kind ?? '')?.icon ?? 'warning'} />
        <span class="tab-title">{title}</span>
        {panes.length > 1 && (
          <span class="tab-count">
            {panes.length}
            <span class="for-readers"> panes</span>
          </span>
        )}
        <span class="tab-mark" />
        <span class="for-readers">{call ? CALL_WORDS[call] : MARK_WORDS[mark]}</span>
      </button>
      {/* For the mouse: the keyboard has Delete here, and a command everywhere. */}
      <button type="button" class="tab-close" tabIndex={-1} aria-hidden="true" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  )
}

/** The strip, and what opens more. */
export function TopBar({ app }: { readonly app: App }): JSX.Element {
  const { commands, page } = app
  return (
    <div class="top-bar">
      {!page.sidebar.value && (
        <IconButton
          icon="sidebar"
          label="Show the sessions"
          chord={commands.keyOf('sidebar.toggle')}
          onClick={() => commands.run('sidebar.toggle')}
        />
      )}
      <TabStrip app={app} />
      <span class="top-actions">
        <IconButton
          icon="plus"
          label="New session in a tab"
          chord={commands.keyOf('session.new')}
          disabled={app.sessions.creating.value}
          onClick={() => commands.run('session.new')}
        />
        <IconButton
          icon="splitRight"
          label="Split right"
          chord={commands.keyOf('pane.splitRight')}
          onClick={() => commands.run('pane.splitRight')}
        />
        <IconButton
          icon="command"
          label="All commands"
          chord={commands.keyOf('palette.commands')}
          onClick={() => commands.run('palette.commands')}
        />
      </span>
    </div>
  )
}

function markOf(app: App, tab: Tab): Mark {
  const marks = panesOf(tab.root).flatMap(({ place }) =>
    place.kind === 'terminal' ? (app.terminals.find(sessionOf(place))?.mark.value ?? []) : [],
  )
  if (marks.includes('bell')) return 'bell'
  return marks.includes('activity') ? 'activity' : 'none'
}

/** What is most pressing in any of its panes. */
function callOf(app: App, tab: Tab): CallState | undefined {
  const states = panesOf(tab.root).flatMap(({ place }) =>
    place.kind === 'terminal' ? (app.calls.of(sessionOf(place))?.state ?? []) : [],
  )
  return (['waiting', 'failed', 'done'] as const).find((each) => states.includes(each))
}

/** Before which tab something is dropped. */
function indexAt(strip: HTMLElement, x: number): number {
  const tabs = [...strip.querySelectorAll('.tab')]
  const at = tabs.findIndex((tab) => {
    const { left, width } = tab.getBoundingClientRect()
    return x < left + width / 2
  })
  return at < 0 ? tabs.length : at
}
