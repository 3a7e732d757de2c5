import type { ReadStream } from 'node:tty'
import { CliError } from './cli-error.ts'

/** Reads what nobody else shall see. */
export interface SecretInput {
  /** Whether a person types. */
  readonly isTyped: boolean
  /**
   * What is typed after `prompt`, up to the return key, and not shown; or, where nobody types, the
   * first line of the input, and nobody is asked.
   *
   * @throws CliError `FAILED` when it was interrupted.
   */
  read(prompt: string): Promise<string>
}

export interface SecretInputOptions {
  readonly keys: ReadStream
  /** Where people are asked: not among what the command prints. */
  readonly ask: (text: string) => void
  readonly interrupted: AbortSignal
}

/** Longer is no password, in characters. */
const MOST_CHARACTERS = 4_096

export function createSecretInput(options: SecretInputOptions): SecretInput {
  const { keys, ask, interrupted } = options
  const isTyped = keys.isTTY === true
  return {
    isTyped,
    async read(prompt) {
      keys.setEncoding('utf8')
      if (!isTyped) return firstLine(keys)
      // However this process ends, Node gives the terminal back as it was.
      keys.setRawMode(true)
      // Asked only now: a quick typist would see the first letters.
      ask(prompt)
      try {
        return await typedLine(keys, interrupted)
      } finally {
        keys.pause()
        keys.setRawMode(false)
        ask('\n')
      }
    },
  }
}

async function firstLine(keys: ReadStream): Promise<string> {
  let text = ''
  for await (const chunk of keys) {
    text += String(chunk)
    if (text.includes('\n') || text.length > MOST_CHARACTERS) break
  }
  return text.split(/\r?\n/, 1)[0] ?? ''
}

/** As the terminal itself would edit the line: backspace, Ctrl-U, Ctrl-C, Ctrl-D. */
function typedLine(keys: ReadStream, interrupted: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = []
    const end = (result: () => void) => {
      keys.off('data', onKeys)
      interrupted.removeEventListener('abort', giveUp)
      result()
    }
    const giveUp = () => end(() => reject(new CliError('FAILED', 'interrupted')))
    const onKeys = (text: string) => {
      for (const key of text) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed.join('')))
        if (key === '\u0003' || key === '\u0004') return giveUp()
        if (key === '\u0015') typed.length = 0
        else if (key === '\u007f' || key === '\b') typed.pop()
        else if (typed.length < MOST_CHARACTERS) typed.push(key)
      }
    }
    keys.on('data', onKeys)
    interrupted.addEventListener('abort', giveUp)
    keys.resume()
  })
}
