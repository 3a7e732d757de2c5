import { fakeClock } from '@conductor/testing'
import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../api/api.ts'
import { ApiError } from '../api/api-error.ts'
import { readSessions, type SessionInfo } from '../api/session-info.ts'
import { allPanes } from '../layout/layout.ts'
import { createWorkspace, type Workspace } from '../layout/workspace.ts'
import { createServers, HERE, remoteBase, type Server, type Servers } from '../servers/server.ts'
import { createSessionList } from '../servers/session-list.ts'
import { type SessionRef, sessionKey, sessionOf, sessionPlace } from '../servers/session-ref.ts'
import { createSessionActions, nextName, type SessionActions } from './session-actions.ts'
import { createTerminals, type OpenTerminal, type Terminals } from './terminals.ts'
import { createToasts, type Toasts } from './toasts.ts'

const [one, two] = readSessions([
  { id: '1', name: 'Terminal 1' },
  { id: '2', name: 'Terminal 3' },
]) as [SessionInfo, SessionInfo]
const first: SessionRef = { server: HERE, id: '1' }
const second: SessionRef = { server: HERE, id: '2' }

const clock = fakeClock()
let log: string[]
let unsent: Set<string>
let terminals: Terminals
let workspace: Workspace
let api: Api
let servers: Servers
let toasts: Toasts
let actions: SessionActions

/** What these tests look at; the rest is never called. */
function fakeTerminal(ref: SessionRef): OpenTerminal {
  const view = {
    get state() {
      return { pending: unsent.has(ref.id) ? {} : undefined, held: undefined }
    },
    rest: () => void log.push(`rest ${ref.id}`),
    close: () => void log.push(`close ${ref.id}`),
  }
  const xterm = { measure: () => ({ cols: 90, rows: 20 }), dispose: () => {} }
  const terminal = { key: sessionKey(ref), ref, view, xterm, mark: signal('none') }
  return terminal as unknown as OpenTerminal
}

function fakeServer(id: string): Server {
  api = {
    logout: vi.fn(),
    listSessions: vi.fn(async () => [one, two]),
    createSession: vi.fn(async ({ name = '' }) => ({ ...one, id: 'new', name })),
    renameSession: vi.fn(),
    deleteSession: vi.fn(),
  } as unknown as Api
  const events = { on: () => () => {}, onReopened: () => () => {} }
  const sessions = createSessionList({ api, events })
  sessions.apply({ type: 'list', sessions: [one, two] })
  return { id, name: id, api, sessions, close: () => log.push(`left ${id}`) } as unknown as Server
}

beforeEach(() => {
  log = []
  unsent = new Set()
  servers = createServers(fakeServer(HERE))
  toasts = createToasts(clock)
  workspace = createWorkspace({
    storage: { getItem: () => null, setItem: () => {} },
    onPlace: (hash) => log.push(`at ${hash}`),
  })
  terminals = createTerminals(fakeTerminal, 1)
  actions = createSessionActions({
    servers,
    workspace,
    terminals,
    toasts,
    onLoggedOut: () => log.push('logged out'),
  })
})

const shown = (): readonly string[] => toasts.shown.value.map(({ text }) => text)
const openIds = (): readonly string[] =>
  allPanes(workspace.layout.value).map(({ place }) => sessionOf(place).id)

/** As the page does after every change of the layout. */
function look(...refs: readonly SessionRef[]): void {
  for (const ref of refs) terminals.get(ref)
  terminals.keep(new Set(refs.map(sessionKey)))
}

describe('terminals', () => {
  it('rest when they leave the layout, and are the same ones when they come back', () => {
    look(first, second)
    const terminal = terminals.find(first)
    look(second)
    look(first, second)
    expect(log).toEqual(['rest 1'])
    expect(terminals.find(first)).toBe(terminal)
  })

  it('of long ago are forgotten, but no typing that has not arrived', () => {
    unsent.add('1')
    for (const id of ['1', '2', '3', '4']) look({ server: HERE, id })
    expect(log.filter((each) => each.startsWith('close'))).toEqual(['close 2'])
    expect(terminals.unsent).toBe(true)
  })
})

describe('changing', () => {
  it('makes a session with the first free name, of the size that is there, and shows it', async () => {
    actions.open(first)
    look(first)
    await actions.create()
    expect(api.createSession).toHaveBeenCalledWith({ name: 'Terminal 2', cols: 90, rows: 20 })
    expect(openIds()).toEqual(['1', 'new'])
    expect(nextName([])).toBe('Terminal 1')
  })

  it('makes one session for two clicks', async () => {
    await Promise.all([actions.create(), actions.create()])
    expect(api.createSession).toHaveBeenCalledOnce()
  })

  it('renames at once, and back when the server says no', async () => {
    vi.mocked(api.renameSession).mockRejectedValueOnce(new ApiError('no', { status: 400 }))
    const renamed = actions.rename(first, 'build')
    expect(actions.nameOf(first)).toBe('build')
    await renamed
    expect(actions.nameOf(first)).toBe('Terminal 1')
    expect(shown()).toEqual(['No'])
  })

  it('leaves a session that was deleted, and still knows its name', async () => {
    actions.open(first)
    look(first)
    expect(actions.nameOf(first)).toBe('Terminal 1')
    await actions.remove(first)
    expect(openIds()).toEqual([])
    expect(actions.find(first)).toBeUndefined()
    expect(actions.nameOf(first)).toBe('Terminal 1')
    expect(log).toContain('close 1')
  })

  it('keeps a session that could not be deleted', async () => {
    vi.mocked(api.deleteSession).mockRejectedValueOnce(new ApiError('busy', { status: 503 }))
    await actions.remove(first)
    expect(actions.find(first)).toBeDefined()
    expect(shown()).toEqual(['Busy'])
  })
})

describe('several servers', () => {
  it('have sessions of the same id, and they are not mistaken', async () => {
    const box = fakeServer('box')
    servers.add(box)
    const remote: SessionRef = { server: 'box', id: '1' }
    actions.open(first)
    actions.open(remote)
    expect(openIds()).toEqual(['1', '1'])
    expect(workspace.pane.value?.place).toEqual(sessionPlace(remote))
    await actions.rename(remote, 'there')
    expect([actions.nameOf(first), actions.nameOf(remote)]).toEqual(['Terminal 1', 'there'])
    expect(actions.all()).toHaveLength(4)
  })

  it('come and go, but for our own', () => {
    servers.add(fakeServer('box'))
    expect(() => servers.add(fakeServer('box'))).toThrow('box is there already')
    servers.remove('box')
    servers.remove(HERE)
    expect(log).toEqual(['left box'])
    expect(servers.all.value).toEqual([servers.here])
    expect(remoteBase(new URL('https://host/a/'), 'box 1').href).toBe(
      'https://host/a/remote/box%201/',
    )
  })
})

it('leaves every session before it leaves the page', async () => {
  look(first)
  await actions.logout()
  expect(log).toEqual(['close 1', 'logged out'])
})

it('shows a message for a while, and the same one once', () => {
  toasts.show('info', 'a')
  toasts.show('info', 'a')
  expect(shown()).toEqual(['a'])
  clock.advance(8_000)
  expect(shown()).toEqual([])
})
