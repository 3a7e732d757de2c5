import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { KeyChord } from '../commands/keys.ts'
import { Icon, type IconName } from './icons.tsx'
import { Keys } from './keys.tsx'

export interface MenuItem {
  readonly label: string
  readonly icon?: IconName | undefined
  readonly keys?: KeyChord | undefined
  readonly disabled?: boolean | undefined
  readonly danger?: boolean | undefined
  /** A line before it. */
  readonly separated?: boolean | undefined
  readonly run: () => void
}

export interface MenuProps {
  readonly label: string
  readonly items: readonly MenuItem[]
  /** Where, in CSS pixels of the window: it moves so that it fits. */
  readonly at: { readonly x: number; readonly y: number }
  /** Chosen, left by Escape or Tab, or clicked beside. */
  readonly onClose: () => void
}

const EDGE_PX = 8

/**
 * A menu over the page, on the popover API: the browser puts it on top, and closes it by Escape or by a
 * click beside it.
 */
export function Menu({ label, items, at, onClose }: MenuProps): JSX.Element {
  const menu = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(Math.min(at.x, innerWidth - width - EDGE_PX), EDGE_PX)}px`
    element.style.top = `${Math.max(Math.min(at.y, innerHeight - height - EDGE_PX), EDGE_PX)}px`
    focusItem(element, 0)
  }, [at])

  function onKeyDown(event: KeyboardEvent): void {
    const element = menu.current
    const list = element ? itemsOf(element) : []
    const now = list.indexOf(document.activeElement as HTMLElement)
    const last = list.length - 1
    if (event.key === 'Tab') onClose()
    else if (!element) return
    else if (event.key === 'ArrowDown') focusItem(element, now + 1)
    else if (event.key === 'ArrowUp') focusItem(element, now < 1 ? last : now - 1)
    else if (event.key === 'Home') focusItem(element, 0)
    else if (event.key === 'End') focusItem(element, last)
    else if (/^\S$/.test(event.key)) focusLetter(list, now, event.key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      ref={menu}
      class="menu"
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if ((event as ToggleEvent).newState === 'closed') onClose()
      }}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          class="menu-item"
          tabIndex={-1}
          data-danger={item.danger}
          data-separated={item.separated}
          disabled={item.disabled}
          onClick={() => {
            onClose()
            item.run()
          }}
        >
          {item.icon ? <Icon name={item.icon} /> : <span class="icon" />}
          <span class="menu-label">{item.label}</span>
          {item.keys && <Keys chord={item.keys} />}
        </button>
      ))}
    </div>
  )
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')]
}

function focusItem(menu: HTMLElement, index: number): void {
  const list = itemsOf(menu)
  list[(index + list.length) % (list.length || 1)]?.focus()
}

/** The next item that begins with this letter. */
function focusLetter(list: readonly HTMLElement[], now: number, letter: string): void {
  const after = [...list.slice(now + 1), ...list.slice(0, now + 1)]
  const begins = (each: HTMLElement): boolean =>
    (each.textContent ?? '').trim().toLowerCase().startsWith(letter.toLowerCase())
  after.find(begins)?.focus()
}
