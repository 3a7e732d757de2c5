import type { TerminalSize } from '../check-options.ts'
import { createOutputScanner } from '../scanner/output-scanner.ts'
import { createTerminalState } from '../terminal-state.ts'
import { freshXterm, write } from './real-xterm.ts'

export const REPLY_SIZE: TerminalSize = { cols: 30, rows: 8 }

/** All answers to what is asked in `output`, as it comes. */
export async function answersTo(output: string | Uint8Array, sliceBytes = 7): Promise<string[]> {
  const answers: string[] = []
  const state = await createTerminalState({
    ...REPLY_SIZE,
    onReply: ({ bytes }) => answers.push(Buffer.from(bytes).toString()),
  })
  const bytes = Buffer.from(output as string)
  const scanner = createOutputScanner({
    onEvent: (event) => {
      if (event.type === 'query') state.ask(event)
    },
  })
  for (let at = 0; at < bytes.length; at += sliceBytes)
    scanner.scan(bytes.subarray(at, at + sliceBytes))
  for (let at = 0; at < bytes.length; at += sliceBytes)
    state.feed(bytes.subarray(at, at + sliceBytes))
  if (state.waitingFor !== undefined) throw new Error('a query was never answered')
  state.close()
  return answers
}

/** What xterm.js says by itself to the same. */
export function answersOfXterm(output: string | Uint8Array): string[] {
  const answers: string[] = []
  const terminal = freshXterm(REPLY_SIZE.cols, REPLY_SIZE.rows)
  terminal.onData((data) => answers.push(data))
  write(terminal, output)
  terminal.dispose()
  return answers
}
