import { beforeEach, describe, expect, it } from 'vitest'
import { allPanes } from './layout.ts'
import { place } from './place.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

let items: Map<string, string>
let hashes: string[]

function visit(): Workspace {
  return createWorkspace({
    storage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
    },
    onPlace: (hash) => hashes.push(hash),
  })
}

beforeEach(() => {
  items = new Map()
  hashes = []
})

describe('the workspace', () => {
  it('is there again at the next visit', () => {
    const first = visit()
    first.open(place('terminal', 'a'))
    first.open(place('terminal', 'b'), 'right')
    const second = visit()
    expect(allPanes(second.layout.value).map((pane) => pane.place.id)).toEqual(['a', 'b'])
    expect(second.pane.value?.place.id).toBe('b')
  })

  it('tells where a person is, whenever that is somewhere else', () => {
    const workspace = visit()
    workspace.open(place('terminal', 'a'))
    workspace.open(place('replay', 'a', { at: '1' }))
    workspace.open(place('replay', 'a', { at: '2' }))
    workspace.dispatch({ type: 'share', split: 's1', share: 0.3 })
    workspace.dispatch({ type: 'forget', place: place('replay', 'a') })
    workspace.dispatch({ type: 'forget', place: place('terminal', 'a') })
    expect(hashes).toEqual([
      '#/session/a',
      '#/view/replay/a?at=1',
      '#/view/replay/a?at=2',
      '#/session/a',
      '',
    ])
  })

  it('gives the keyboard to a pane that was gone to, and not to one that a click has chosen', () => {
    const workspace = visit()
    workspace.open(place('terminal', 'a'))
    workspace.open(place('terminal', 'b'), 'right')
    const { value } = workspace.visits
    const [first] = allPanes(workspace.layout.value)
    workspace.dispatch({ type: 'focus', pane: first?.id ?? '' })
    expect(workspace.visits.value).toBe(value)
    workspace.dispatch({ type: 'go', side: 'right' })
    workspace.refocus()
    expect(workspace.visits.value).toBe(value + 2)
  })
})
