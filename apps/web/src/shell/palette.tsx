import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { fuzzySort } from '../commands/fuzzy.ts'
import type { KeyChord } from '../commands/keys.ts'
import { Modal } from '../ui/dialog.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Keys } from '../ui/keys.tsx'

export interface PaletteItem {
  readonly id: string
  readonly title: string
  readonly note?: string | undefined
  readonly icon?: IconName | undefined
  readonly keys?: KeyChord | undefined
  /** @param beside Whether Control (or Command) was held: beside what is there, and not instead. */
  readonly run: (beside: boolean) => void
}

export interface PaletteProps {
  readonly label: string
  readonly placeholder: string
  readonly items: readonly PaletteItem[]
  /** Below the list: what else one can do here. */
  readonly hint?: ComponentChildren
  /** What is typed at first. */
  readonly query?: string | undefined
  /** @returns Other items for this query, instead of those that match. */
  readonly itemsFor?: ((query: string) => readonly PaletteItem[] | undefined) | undefined
  readonly onClose: () => void
}

/** More are neither read nor scrolled through. */
const MOST_SHOWN = 100

/** A field and what fits to it: a combobox with a list, as the ARIA practices have it. */
export function Palette(props: PaletteProps): JSX.Element {
  const { label, placeholder, items, hint, itemsFor, onClose } = props
  const [query, setQuery] = useState(props.query ?? '')
  const [at, setAt] = useState(0)
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)
  const special = itemsFor?.(query)
  const words = special ? query.slice(1) : query
  const found = fuzzySort(words, special ?? items, (each) => each.title).slice(0, MOST_SHOWN)
  const active = found[Math.min(at, found.length - 1)]

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at, query])

  function choose(item: PaletteItem | undefined, beside: boolean): void {
    if (!item) return
    onClose()
    item.run(beside)
  }

  function onKeyDown(event: KeyboardEvent): void {
    const page = 8
    const last = Math.max(found.length - 1, 0)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at >= last ? 0 : at + 1,
      ArrowUp: at === 0 ? last : at - 1,
      PageDown: Math.min(at + page, last),
      PageUp: Math.max(at - page, 0),
    }
    const next = moves[event.key]
    if (next !== undefined) setAt(next)
    else if (event.key === 'Enter') choose(active?.item, event.ctrlKey || event.metaKey)
    else return
    event.preventDefault()
  }

  return (
    <Modal class="palette" label={label} onClose={onClose}>
      <div class="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={listId}
          aria-activedescendant={active ? `${listId}-${active.item.id}` : undefined}
          placeholder={placeholder}
          value={query}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          autofocus
          onInput={({ currentTarget }) => {
            setQuery(currentTarget.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        ref={list}
        id={listId}
        class="palette-list"
        role="listbox"
        aria-label={label}
        tabIndex={-1}
      >
        {found.map(({ item, at: marked }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={item.id}
            id={`${listId}-${item.id}`}
            role="option"
            tabIndex={-1}
            class="palette-item"
            aria-selected={item === active?.item}
            data-item={item.id}
            onClick={(event) => choose(item, event.ctrlKey || event.metaKey)}
            onMouseMove={() => setAt(found.findIndex((each) => each.item === item))}
          >
            <Icon name={item.icon ?? 'chevron'} />
            <span class="palette-title">{highlighted(item.title, marked)}</span>
            {item.note && <span class="palette-note">{item.note}</span>}
            {item.keys && <Keys chord={item.keys} />}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p class="palette-none" role="status">
          Nothing fits “{words}”.
        </p>
      )}
      {hint && <p class="palette-hint">{hint}</p>}
    </Modal>
  )
}

function highlighted(text: string, at: readonly number[]): ComponentChildren {
  if (at.length === 0) return text
  const marked = new Set(at)
  return [...text].map((char, index) => (marked.has(index) ? <mark>{char}</mark> : char))
}
