import type { JSX } from 'preact'
import { type KeyChord, shownKeys } from '../commands/keys.ts'

/** A shortcut, key by key. What it is beside carries `aria-keyshortcuts`, so readers hear it once. */
export function Keys({ chord }: { readonly chord: KeyChord }): JSX.Element {
  return (
    <span class="keys" aria-hidden="true">
      {shownKeys(chord).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  )
}
