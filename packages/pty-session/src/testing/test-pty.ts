import { identifyProcess, processState } from '@conductor/process-identity'
import { until } from '@conductor/testing'
import type { Pty, PtyExit, PtyOptions } from '../pty/options.ts'
import { openPty } from '../pty/pty.ts'

/** For tests: a pty that collects what it is told, and is gone after the test. */
export interface TestPty extends Pty {
  readonly output: Buffer
  readonly text: string
  readonly exit: Promise<PtyExit>
  /** Each as `[code, text]`. */
  readonly notices: readonly (readonly [string, string])[]
  type(text: string): Promise<void>
  /** Waits until the program has said this. */
  said(text: string): Promise<unknown>
}

export const testEnv: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin', TERM: 'xterm' }

/** Runs `script` in a shell, or whatever `options` say. */
export type OpenTestPty = (script: string, options?: Partial<PtyOptions>) => TestPty

/** `const testPty = testPtys(onTestFinished)`, of vitest. */
export function testPtys(atTheEnd: (end: () => Promise<void>) => void): OpenTestPty {
  return (script, options) => open(script, options ?? {}, atTheEnd)
}

function open(
  script: string,
  options: Partial<PtyOptions>,
  atTheEnd: (end: () => Promise<void>) => void,
): TestPty {
  const chunks: Buffer[] = []
  const notices: [string, string][] = []
  let tellExit = (_: PtyExit) => {}
  const exit = new Promise<PtyExit>((resolve) => {
    tellExit = resolve
  })
  const pty = openPty({
    command: 'sh',
    args: ['-c', script],
    cwd: '/',
    env: testEnv,
    cols: 80,
    rows: 24,
    onNotice: (code, text) => notices.push([code, text]),
    ...options,
    onData(chunk) {
      chunks.push(Buffer.from(chunk))
      options.onData?.(chunk)
    },
    onExit(ended) {
      tellExit(ended)
      options.onExit?.(ended)
    },
  })
  atTheEnd(async () => {
    pty.resume()
    await pty.end({ graceMs: 0 })
    pty.close()
  })
  return Object.create(pty, {
    output: { get: () => Buffer.concat(chunks) },
    text: { get: () => Buffer.concat(chunks).toString('latin1') },
    exit: { value: exit },
    notices: { value: notices },
    type: { value: (text: string) => pty.write(Buffer.from(text)) },
    said: {
      value: (text: string) =>
        until(() => Buffer.concat(chunks).includes(text), {
          timeoutMs: 15_000,
          what: `says ${JSON.stringify(text)}`,
        }),
    },
  })
}

/** A shell script whose program gets every byte as it is, and says so. */
export const RAW_CAT = 'stty raw -echo; echo ready; exec cat'

/** A shell script whose program never reads. */
export const NEVER_READS = 'stty raw -echo; echo ready; exec sleep 1000'

/** Whether somebody has this pid and is no zombie. */
export function lives(pid: number): boolean {
  const identity = identifyProcess(pid)
  return identity !== undefined && processState(identity) === 'alive'
}
