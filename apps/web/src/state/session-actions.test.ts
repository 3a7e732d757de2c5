import { fakeClock } from '@conductor/testing'
import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../api/api.ts'
import { ApiError } from '../api/api-error.ts'
import { readSessions, type SessionInfo } from '../api/session-info.ts'
import type { TerminalView, TerminalViewState } from '../terminal/terminal-view.ts'
import { type App, createApp, nextName } from './app.ts'
import { createPanes, type Pane, type Panes } from './panes.ts'
import { createSessionList } from './session-list.ts'
import { createToasts } from './toasts.ts'

const [one, two] = readSessions([
  { id: '1', name: 'Terminal 1' },
  { id: '2', name: 'Terminal 3' },
]) as [SessionInfo, SessionInfo]

const STATE: TerminalViewState = {
  status: { name: 'live' },
  size: { cols: 80, rows: 24, owner: 'you' },
  pending: undefined,
  held: undefined,
  title: '',
  restored: undefined,
}

const clock = fakeClock()
let log: string[]
let unsent: Set<string>
let panes: Panes
let api: Api
let app: App

function fakePane(id: string): Pane {
  const pending = { amount: '1 character', text: 'x' }
  const view: TerminalView = {
    get state() {
      return unsent.has(id) ? { ...STATE, pending } : STATE
    },
    subscribe: () => () => {},
    open: () => {},
    rest: () => void log.push(`rest ${id}`),
    fit: () => {},
    claimSize: () => {},
    reconnect: () => {},
    sendHeld: () => {},
    discardHeld: () => {},
    close: () => void log.push(`close ${id}`),
  }
  const xterm = {
    mount: () => {},
    unmount: () => {},
    measure: () => ({ cols: 90, rows: 20 }),
    showRows: () => {},
    focus: () => {},
    setDark: () => {},
    dispose: () => {},
  }
  return { id, view, xterm, state: signal(STATE) }
}

beforeEach(() => {
  log = []
  unsent = new Set()
  panes = createPanes(fakePane, 1)
  api = {
    login: vi.fn(),
    logout: vi.fn(),
    listSessions: vi.fn(async () => [one, two]),
    createSession: vi.fn(async ({ name = '' }) => ({ ...one, id: 'new', name })),
    renameSession: vi.fn(),
    deleteSession: vi.fn(),
  }
  const list = createSessionList({ api, listen: () => () => {}, clock })
  list.apply({ type: 'list', sessions: [one, two] })
  app = createApp({
    api,
    list,
    panes,
    toasts: createToasts(clock),
    remember: (id) => log.push(`remember ${id}`),
    onLoggedOut: () => log.push('logged out'),
  })
})

const toasts = (): readonly string[] => app.toasts.shown.value.map(({ text }) => text)

describe('selecting', () => {
  it('shows a session and lets the one before rest', () => {
    app.select('1')
    expect(app.name.value).toBe('Terminal 1')
    app.select('2')
    expect(log).toEqual(['remember 1', 'rest 1', 'remember 2'])
  })

  it('keeps the name of a session that has left the list', () => {
    app.select('1')
    expect(app.name.value).toBe('Terminal 1')
    app.list.apply({ type: 'removed', id: '1' })
    expect(app.name.value).toBe('Terminal 1')
    expect(app.pane.value?.id).toBe('1')
  })

  it('goes back only to what still exists', () => {
    app.restore('gone')
    expect(app.pane.value).toBeUndefined()
    app.restore('2')
    expect(app.pane.value?.id).toBe('2')
  })

  it('forgets the screens of long ago, but no typing that has not arrived', () => {
    unsent.add('1')
    for (const id of ['1', '2', '3', '4']) app.select(id)
    expect(log.filter((each) => each.startsWith('close'))).toEqual(['close 2'])
    expect(panes.unsent).toBe(true)
  })
})

describe('changing', () => {
  it('makes a session with the first free name, of the size that is there, and shows it', async () => {
    app.select('1')
    await app.create()
    expect(api.createSession).toHaveBeenCalledWith({ name: 'Terminal 2', cols: 90, rows: 20 })
    expect(app.pane.value?.id).toBe('new')
    expect(nextName([])).toBe('Terminal 1')
  })

  it('makes one session for two clicks', async () => {
    await Promise.all([app.create(), app.create()])
    expect(api.createSession).toHaveBeenCalledOnce()
  })

  it('renames at once, and back when the server says no', async () => {
    vi.mocked(api.renameSession).mockRejectedValueOnce(new ApiError('no', { status: 400 }))
    const renamed = app.rename('1', 'build')
    expect(app.list.find('1')?.name).toBe('build')
    await renamed
    expect(app.list.find('1')?.name).toBe('Terminal 1')
    expect(toasts()).toEqual(['No'])
  })

  it('leaves a session that was deleted', async () => {
    app.select('1')
    await app.remove('1')
    expect(app.pane.value).toBeUndefined()
    expect(app.list.find('1')).toBeUndefined()
    expect(log).toContain('close 1')
  })

  it('keeps a session that could not be deleted', async () => {
    vi.mocked(api.deleteSession).mockRejectedValueOnce(new ApiError('busy', { status: 503 }))
    await app.remove('1')
    expect(app.list.find('1')).toBeDefined()
    expect(toasts()).toEqual(['Busy'])
  })
})

it('leaves every session before it leaves the page', async () => {
  app.select('1')
  await app.logout()
  expect(log).toEqual(['remember 1', 'close 1', 'logged out'])
})

it('shows a message for a while, and the same one once', () => {
  app.toasts.show('info', 'a')
  app.toasts.show('info', 'a')
  expect(toasts()).toEqual(['a'])
  clock.advance(8_000)
  expect(toasts()).toEqual([])
})
