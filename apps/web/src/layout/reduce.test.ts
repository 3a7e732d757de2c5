import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxesOf } from './geometry.ts'
import {
  allPanes,
  EMPTY_LAYOUT,
  focusedPane,
  type Layout,
  type LayoutNode,
  LEAST_SHARE,
  panesOf,
} from './layout.ts'
import { place, placeKey } from './place.ts'
import { type LayoutAction, reduce } from './reduce.ts'
import { readLayout, writeLayout } from './stored-layout.ts'

const a = place('terminal', 'a')
const b = place('terminal', 'b')
const c = place('terminal', 'c')
const d = place('settings')

function after(...actions: readonly LayoutAction[]): Layout {
  return actions.reduce(reduce, EMPTY_LAYOUT)
}

/** A layout to be read: `[a | (b / c*)] d`, where `*` has the focus. */
function drawn({ tabs, active }: Layout): string {
  return tabs
    .map(({ id, root, focused, zoomed }) => {
      const tree = draw(root, focused)
      return `${id === active ? `[${tree}]` : tree}${zoomed ? '+' : ''}`
    })
    .join(' ')
}

function draw(node: LayoutNode, focused: string): string {
  if (node.type === 'pane')
    return `${node.place.id || node.place.kind}${node.id === focused ? '*' : ''}`
  const bar = node.direction === 'row' ? '|' : '/'
  return `(${draw(node.first, focused)} ${bar} ${draw(node.second, focused)})`
}

const open = (what: typeof a, where?: 'tab' | 'here' | 'right' | 'down'): LayoutAction => ({
  type: 'open',
  place: what,
  where,
})
const paneOf = (layout: Layout, what: typeof a): string =>
  allPanes(layout).find((each) => placeKey(each.place) === placeKey(what))?.id ?? ''

describe('opening', () => {
  it('makes a tab beside the one that is shown', () => {
    const layout = after(open(a), open(b), { type: 'step', by: -1 }, open(c))
    expect(drawn(layout)).toBe('a* [c*] b*')
  })

  it('splits the focused pane to the right and down', () => {
    const layout = after(open(a), open(b, 'right'), open(c, 'down'))
    expect(drawn(layout)).toBe('[(a | (b / c*))]')
  })

  it('goes to what is shown already, with its new parameters', () => {
    const layout = after(open(a), open(b), open(place('terminal', 'a', { at: '7' })))
    expect(drawn(layout)).toBe('[a*] b*')
    expect(focusedPane(layout)?.place.params).toEqual({ at: '7' })
  })

  it('can take the place of what is there', () => {
    expect(drawn(after(open(a), open(b, 'right'), open(d, 'here')))).toBe('[(a | settings*)]')
    expect(drawn(after(open(a, 'here')))).toBe('[a*]')
  })

  it('never shows one thing twice: whoever wanders to what is shown goes there', () => {
    const layout = after(open(a), open(b, 'right'))
    const wandered = reduce(layout, { type: 'navigate', pane: paneOf(layout, b), place: a })
    expect(drawn(wandered)).toBe('[(a* | b)]')
  })

  it('tells the same session of two servers apart', () => {
    const remote = place('terminal', 'a', { server: 'box' })
    expect(allPanes(after(open(a), open(remote)))).toHaveLength(2)
  })
})

describe('closing', () => {
  it('gives the room to the other side, and the focus to a neighbour', () => {
    const layout = after(open(a), open(b, 'right'), open(c, 'down'))
    expect(drawn(reduce(layout, { type: 'close', pane: paneOf(layout, c) }))).toBe('[(a | b*)]')
    expect(drawn(reduce(layout, { type: 'forget', place: a }))).toBe('[(b / c*)]')
  })

  it('of the last pane closes the tab, and shows the one that takes its place', () => {
    const layout = after(open(a), open(b), open(c), { type: 'step', by: -1 })
    expect(drawn(reduce(layout, { type: 'forget', place: b }))).toBe('a* [c*]')
    expect(
      drawn(reduce(reduce(layout, { type: 'forget', place: c }), { type: 'forget', place: b })),
    ).toBe('[a*]')
  })

  it('of a zoomed pane shows the others again', () => {
    const layout = after(open(a), open(b, 'right'), open(c, 'down'), { type: 'zoom' })
    expect(drawn(reduce(layout, { type: 'forget', place: c }))).toBe('[(a | b*)]')
    expect(drawn(reduce(layout, { type: 'forget', place: a }))).toBe('[(b / c*)]+')
    const two = after(open(a), open(b, 'right'), { type: 'zoom' })
    expect(drawn(reduce(two, { type: 'forget', place: a }))).toBe('[b*]')
  })

  it('of everything leaves nothing', () => {
    expect(after(open(a), { type: 'forget', place: a }).tabs).toEqual([])
  })
})

describe('moving about', () => {
  const layout = after(open(a), open(b, 'right'), open(c, 'down'))

  it('follows what can be seen', () => {
    const left = reduce(layout, { type: 'go', side: 'left' })
    expect(drawn(left)).toBe('[(a* | (b / c))]')
    expect(drawn(reduce(layout, { type: 'go', side: 'up' }))).toBe('[(a | (b* / c))]')
    expect(reduce(layout, { type: 'go', side: 'down' })).toBe(layout)
    const uneven = reduce(left, { type: 'share', split: 's3', share: 0.2 })
    expect(drawn(reduce(uneven, { type: 'go', side: 'right' }))).toBe('[(a | (b / c*))]')
  })

  it('goes round the tabs in both ways', () => {
    const tabs = after(open(a), open(b), open(c))
    expect(drawn(reduce(tabs, { type: 'step', by: 1 }))).toBe('[a*] b* c*')
    expect(drawn(reduce(tabs, { type: 'step', by: -2 }))).toBe('[a*] b* c*')
  })

  it('moves a tab to where it was dropped', () => {
    const tabs = after(open(a), open(b), open(c))
    expect(drawn(reduce(tabs, { type: 'moveTab', tab: 't1', index: 3 }))).toBe('b* [c*] a*')
    expect(drawn(reduce(tabs, { type: 'moveTab', tab: 't3', index: 0 }))).toBe('[c*] a* b*')
    expect(reduce(tabs, { type: 'moveTab', tab: 't2', index: 2 })).toBe(tabs)
  })

  it('zooms one of several, and nothing when there is one', () => {
    expect(drawn(reduce(layout, { type: 'zoom' }))).toBe('[(a | (b / c*))]+')
    const alone = after(open(a))
    expect(reduce(alone, { type: 'zoom' })).toBe(alone)
  })

  it('keeps a separator where both sides can be seen', () => {
    const pushed = reduce(layout, { type: 'share', split: 's2', share: 2 })
    expect(pushed.tabs[0]?.root).toMatchObject({ share: 1 - LEAST_SHARE })
    const lost = reduce(layout, { type: 'share', split: 's2', share: Number.NaN })
    expect(lost.tabs[0]?.root).toMatchObject({ share: 0.5 })
  })
})

const places = fc.constantFrom(
  a,
  b,
  c,
  d,
  place('terminal', 'e'),
  place('terminal', 'a', { at: '1' }),
)
const id = (letter: string) => fc.integer({ min: 1, max: 12 }).map((n) => `${letter}${n}`)
const actions: fc.Arbitrary<LayoutAction> = fc.oneof(
  fc.record({
    type: fc.constant('open' as const),
    place: places,
    where: fc.constantFrom('tab' as const, 'here' as const, 'right' as const, 'down' as const),
  }),
  fc.record({ type: fc.constant('navigate' as const), pane: id('p'), place: places }),
  fc.record({ type: fc.constant('close' as const), pane: id('p') }),
  fc.record({ type: fc.constant('closeTab' as const), tab: id('t') }),
  fc.record({ type: fc.constant('forget' as const), place: places }),
  fc.record({ type: fc.constant('focus' as const), pane: id('p') }),
  fc.record({ type: fc.constant('activate' as const), tab: id('t') }),
  fc.record({ type: fc.constant('step' as const), by: fc.integer({ min: -3, max: 3 }) }),
  fc.record({
    type: fc.constant('go' as const),
    side: fc.constantFrom('left' as const, 'right' as const, 'up' as const, 'down' as const),
  }),
  fc.record({ type: fc.constant('share' as const), split: id('s'), share: fc.double() }),
  fc.record({
    type: fc.constant('moveTab' as const),
    tab: id('t'),
    index: fc.integer({ min: -1, max: 6 }),
  }),
  fc.constant({ type: 'zoom' as const }),
)

describe('whatever a person does', () => {
  it('a layout holds together, and comes back as it was kept', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 40 }), (done) => {
        const layout = after(...done)
        const panes = allPanes(layout)
        expect(new Set(panes.map(({ id }) => id)).size).toBe(panes.length)
        expect(new Set(panes.map((pane) => placeKey(pane.place))).size).toBe(panes.length)
        expect(layout.tabs.some((tab) => tab.id === layout.active)).toBe(layout.tabs.length > 0)
        for (const tab of layout.tabs) {
          expect(panesOf(tab.root).map(({ id }) => id)).toContain(tab.focused)
          expect(tab.zoomed && tab.root.type === 'pane').toBe(false)
          for (const box of boxesOf(tab.root).values()) {
            expect(box.right - box.left).toBeGreaterThan(0)
            expect(box.bottom - box.top).toBeGreaterThan(0)
          }
        }
        expect(drawn(readLayout(writeLayout(layout)))).toBe(drawn(layout))
      }),
    )
  })

  it('anything may lie in the storage', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readLayout(text).tabs.length).toBeGreaterThanOrEqual(0)
      }),
    )
    expect(readLayout('{')).toBe(EMPTY_LAYOUT)
    const root = { first: { place: { kind: 'terminal', id: '' } }, second: { place: d } }
    expect(drawn(readLayout(JSON.stringify({ version: 1, tabs: [{ root }, { root }, 7] })))).toBe(
      '[settings*]',
    )
  })
})
