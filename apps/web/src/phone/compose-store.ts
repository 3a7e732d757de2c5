import { type Signal, signal } from '@preact/signals'

const PREFIX = 'conductor.draft.'

/** As many as a person goes back through. */
const MOST_SENT = 50

/** What is being written to one session, and what was sent to it. */
export interface Compose {
  readonly draft: Signal<string>
  /** Oldest first; of this page alone. */
  readonly sent: Signal<readonly string[]>
  /** Keeps a draft over a reload; an empty one is forgotten. */
  write(text: string): void
  /** It was sent: it joins the history, and the draft is empty. */
  took(text: string): void
}

export interface ComposeStore {
  /** @param key Of the session. */
  of(key: string): Compose
}

export function createComposeStore(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): ComposeStore {
  const all = new Map<string, Compose>()

  function create(key: string): Compose {
    const draft = signal(storage.getItem(PREFIX + key) ?? '')
    const sent = signal<readonly string[]>([])

    function write(text: string): void {
      draft.value = text
      try {
        if (text === '') storage.removeItem(PREFIX + key)
        else storage.setItem(PREFIX + key, text)
      } catch {
        // A full storage keeps no draft; the one that is being written is still here.
      }
    }

    return {
      draft,
      sent,
      write,
      took(text) {
        // The same again is the newest once.
        const others = sent.peek().filter((each) => each !== text)
        if (text !== '') sent.value = [...others, text].slice(-MOST_SENT)
        write('')
      },
    }
  }

  return {
    of(key) {
      const compose = all.get(key) ?? create(key)
      all.set(key, compose)
      return compose
    },
  }
}
