import type { InputRefusal } from '@conductor/session-client'
import type { Toast } from './toasts.ts'

/** Notices that are no trouble: the trouble is over. */
const GOOD_NEWS: ReadonlySet<string> = new Set(['RUNNING', 'RESUMED', 'STORAGE_OK'])

/** What the server says about a session, as a message: its sentence, or at least its code in words. */
export function noticeToast(code: string, text: string): [tone: Toast['tone'], text: string] {
  const words = text || code.toLowerCase().replaceAll('_', ' ')
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}`
  return [GOOD_NEWS.has(code) ? 'info' : 'problem', sentence]
}

/** `undefined` where the terminal itself says it already. */
export function refusedInputToast(reason: InputRefusal, sizeBytes: number): string | undefined {
  switch (reason) {
    case 'full':
      return `Not typed: ${sizeBytes} bytes are more than can wait for the connection. Try again when it is back.`
    case 'readOnly':
      return 'You can look at this session, but not type into it.'
    case 'over':
      return undefined
  }
}
