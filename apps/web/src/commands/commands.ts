import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { IconName } from '../ui/icons.tsx'
import { chordOf, type KeyChord, type KeyPress } from './keys.ts'

/** Something a person can do, by its name, by a key, or by a button that runs it. */
export interface Command {
  /** `group.verb`, never shown, as in `pane.splitRight`. */
  readonly id: string
  /** As it stands in the palette. */
  readonly title: string
  /** Under which heading the help lists it. */
  readonly group: string
  /**
   * Chords that run it, the first is the one that is shown. Take `Ctrl+Shift+letter`: terminals cannot
   * tell programs of it. Browsers keep N, T, W (all) and P (Firefox) to themselves.
   */
  readonly keys?: readonly KeyChord[] | undefined
  readonly icon?: IconName | undefined
  /** Whether it can be done now (default: always). Neither listed nor run when it cannot. */
  readonly when?: (() => boolean) | undefined
  /** Not in the palette: for keys that come in rows, as "go to tab 3". */
  readonly unlisted?: boolean | undefined
  run(): void | Promise<void>
}

/** Everything that can be done on this page. */
export interface Commands {
  readonly all: ReadonlySignal<readonly Command[]>
  /** @returns The function that takes them away again. @throws for an id that is taken, and for a key that two commands would always want. */
  register(commands: readonly Command[]): () => void
  /** @returns Whether it could be done. */
  run(id: string): boolean
  /** Runs what this key means, if it means something now. */
  press(event: KeyPress): boolean
  /** The chord to show beside a button; `undefined` when it has none. */
  keyOf(id: string): KeyChord | undefined
}

export function createCommands({
  onError = () => {},
}: {
  readonly onError?: (error: unknown) => void
} = {}): Commands {
  const registered = signal<readonly Command[]>([])
  const byKey = computed(() => {
    const keys = new Map<KeyChord, Command[]>()
    for (const command of registered.value)
      for (const chord of command.keys ?? []) keys.set(chord, [...(keys.get(chord) ?? []), command])
    return keys
  })

  function start(command: Command | undefined): boolean {
    if (!command || command.when?.() === false) return false
    // A throw and a rejection are the same to a person.
    try {
      void Promise.resolve(command.run()).catch(onError)
    } catch (error) {
      onError(error)
    }
    return true
  }

  return {
    all: registered,
    register(commands) {
      const taken = new Set(registered.peek().map(({ id }) => id))
      const twice = commands.find(({ id }) => taken.has(id) || taken.size === taken.add(id).size)
      if (twice) throw new Error(`the command ${twice.id} is registered already`)
      const all = [...registered.peek(), ...commands]
      const owners = new Map<KeyChord, string>()
      for (const { id, keys = [] } of all.filter(({ when }) => !when))
        for (const chord of keys) {
          if (owners.has(chord))
            throw new Error(`${chord} runs ${owners.get(chord)}, and not ${id}`)
          owners.set(chord, id)
        }
      registered.value = all
      return () => {
        registered.value = registered.peek().filter((each) => !commands.includes(each))
      }
    },
    run: (id) => start(registered.peek().find((each) => each.id === id)),
    press(event) {
      const meant = byKey.peek().get(chordOf(event)) ?? []
      return start(meant.find(({ when }) => when?.() !== false))
    },
    keyOf: (id) => registered.peek().find((each) => each.id === id)?.keys?.[0],
  }
}
