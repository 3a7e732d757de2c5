import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** As long as the server allows. */
const LONGEST_NAME = 200

export interface RenameFormProps {
  readonly name: string
  /** With the new name, or with nothing when it stays as it is. */
  readonly onDone: (name: string | undefined) => void
}

/** Enter and leaving keep the new name, Escape the old one. */
export function RenameForm({ name, onDone }: RenameFormProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const over = useRef(false)

  useEffect(() => input.current?.select(), [])

  function done(next: string | undefined): void {
    // Removing a field that has the focus makes it lose the focus, which must not count again.
    if (over.current) return
    over.current = true
    onDone(next?.trim() || undefined)
  }

  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault()
        done(input.current?.value)
      }}
    >
      <input
        ref={input}
        class="field"
        aria-label={`New name of ${name}`}
        defaultValue={name}
        maxLength={LONGEST_NAME}
        enterkeyhint="done"
        onBlur={() => done(input.current?.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          done(undefined)
        }}
      />
    </form>
  )
}
