import './find-bar.css'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { OpenTerminal } from '../../state/terminals.ts'
import type { FindCount } from '../../terminal/finder.ts'
import { IconButton } from '../../ui/icon-button.tsx'

/** A terminal, or what looks like one. */
export interface FoundIn {
  readonly xterm: Pick<OpenTerminal['xterm'], 'finder' | 'focus'>
  readonly finding: OpenTerminal['finding']
}

/** Searches what one can scroll back to. Enter goes up to older finds, Shift+Enter down. */
export function FindBar({ terminal }: { readonly terminal: FoundIn }): JSX.Element {
  const { finder } = terminal.xterm
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [caseSensitive, setCaseSensitive] = useState(false)
  const [regex, setRegex] = useState(false)
  const [count, setCount] = useState<FindCount>({ index: 0, count: 0, more: false })
  const [valid, setValid] = useState(true)

  // At once: what is typed after the shortcut is meant for the field, and not for the program.
  useLayoutEffect(() => input.current?.focus(), [])

  useEffect(() => {
    const stop = finder.onCount(setCount)
    return () => {
      stop()
      finder.clear()
    }
  }, [finder])

  useEffect(() => {
    setValid(finder.find(text, { caseSensitive, regex }, 'typing'))
    if (text === '') setCount({ index: 0, count: 0, more: false })
  }, [finder, text, caseSensitive, regex])

  const go = (direction: 'next' | 'previous'): void => {
    setValid(finder.find(text, { caseSensitive, regex }, direction))
  }

  function close(): void {
    terminal.finding.value = false
    terminal.xterm.focus()
  }

  return (
    <search class="find-bar" aria-label="Find in the terminal">
      <input
        ref={input}
        class="field"
        type="text"
        aria-label="Find"
        placeholder="Find"
        value={text}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={!valid}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close()
          else if (event.key === 'Enter') go(event.shiftKey ? 'next' : 'previous')
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <output class="find-count">{countText(text, valid, count)}</output>
      <button
        type="button"
        class="find-option"
        aria-label="Match case"
        aria-pressed={caseSensitive}
        onClick={() => setCaseSensitive(!caseSensitive)}
      >
        Aa
      </button>
      <button
        type="button"
        class="find-option"
        aria-label="Regular expression"
        aria-pressed={regex}
        onClick={() => setRegex(!regex)}
      >
        .*
      </button>
      <IconButton icon="up" label="Older find" onClick={() => go('previous')} />
      <IconButton icon="down" label="Newer find" onClick={() => go('next')} />
      <IconButton icon="close" label="Close the search" onClick={close} />
    </search>
  )
}

function countText(text: string, valid: boolean, { index, count, more }: FindCount): string {
  if (!valid) return 'No expression'
  if (text === '') return ''
  if (count === 0) return 'None'
  return `${index > 0 ? index : '–'} of ${count}${more ? '+' : ''}`
}
