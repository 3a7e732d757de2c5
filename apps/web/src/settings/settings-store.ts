import { type ReadonlySignal, signal } from '@preact/signals'
import { SETTINGS, type Settings } from './schema.ts'

/** Settings of this browser. */
export interface SettingsStore {
  readonly values: ReadonlySignal<Settings>
  /** A value that the setting may not have changes nothing. */
  set<K extends keyof Settings>(key: K, value: Settings[K]): void
  /** Back to how everything was at first, or this one. */
  reset(key?: keyof Settings): void
  /** Another page of this browser has changed them: reads them again. */
  reload(): void
}

const KEY = 'conductor.settings'
const NAMES = Object.keys(SETTINGS) as (keyof Settings)[]

export interface SettingsStoreOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** What is so at first on this device, as a smaller font on a phone. */
  readonly initial?: Partial<Settings> | undefined
}

export function createSettings({ storage, initial = {} }: SettingsStoreOptions): SettingsStore {
  let changed = readChanged(storage.getItem(KEY))
  const values = signal(all())

  function all(): Settings {
    return { ...INITIAL, ...initial, ...changed }
  }

  /** Only what was changed is kept, so that a better default reaches everybody else. */
  function keep(next: Partial<Settings>): void {
    changed = next
    values.value = all()
    storage.setItem(KEY, JSON.stringify({ version: 1, values: changed }))
  }

  return {
    values,
    set(key, value) {
      const read = SETTINGS[key].read(value)
      if (read !== undefined && read !== values.peek()[key]) keep({ ...changed, [key]: read })
    },
    reset(key) {
      if (key === undefined) return keep({})
      const { [key]: _, ...rest } = changed
      keep(rest)
    },
    reload() {
      changed = readChanged(storage.getItem(KEY))
      values.value = all()
    },
  }
}

const INITIAL = Object.fromEntries(
  NAMES.map((name) => [name, SETTINGS[name].initial]),
  // The keys are those of Settings, and each value is of its spec.
) as unknown as Settings

function readChanged(text: string | null): Partial<Settings> {
  const stored = parse(text) as { readonly version?: unknown; readonly values?: unknown } | null
  if (stored?.version !== 1 || typeof stored.values !== 'object') return {}
  const values = (stored.values ?? {}) as Readonly<Record<string, unknown>>
  const good = NAMES.flatMap((name) => {
    const value = SETTINGS[name].read(values[name])
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(good) as Partial<Settings>
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
