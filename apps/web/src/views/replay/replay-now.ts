import { batch, type Signal, signal } from '@preact/signals'
import { place, placeKey } from '../../layout/place.ts'
import type { App } from '../../state/app.ts'

// What outlives a view that is not shown just now, by its place.

const finding = new Map<string, Signal<boolean>>()
const offsets = new Map<string, number>()

/** Where a replay was left. */
export const leftAt: Pick<Map<string, number>, 'get' | 'set' | 'delete'> = offsets

/** A recording that somebody has chosen on this machine. It never leaves the page. */
export const localFile: Signal<File | undefined> = signal(undefined)

/** Whether the bar that searches a replay is open. */
export function findingIn(key: string): Signal<boolean> {
  const known = finding.get(key) ?? signal(false)
  finding.set(key, known)
  return known
}

/** The replay that a person is in. */
export function replayNow(app: App): string | undefined {
  const here = app.workspace.pane.value?.place
  return here?.kind === 'replay' ? placeKey(here) : undefined
}

/** Opens the bar; once more puts the keyboard into it again. */
export function scheduleFind(app: App): void {
  const key = replayNow(app)
  if (key === undefined) return
  const open = findingIn(key)
  open.value = false
  queueMicrotask(() => {
    open.value = true
  })
}

/** Nothing is uploaded: the page itself reads it. */
export function playFile(app: App, file: File): void {
  batch(() => {
    localFile.value = file
    app.workspace.open(place('replay'))
  })
}
