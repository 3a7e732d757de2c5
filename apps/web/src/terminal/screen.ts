import type { IDisposable, IParser } from '@xterm/xterm'

/** The part of xterm's terminal that the view uses, so that the headless one, or a fake, will do. */
export interface TerminalScreen {
  readonly cols: number
  readonly rows: number
  readonly parser: Pick<IParser, 'registerCsiHandler' | 'registerDcsHandler' | 'registerOscHandler'>
  /** Parses later, in order; `callback` comes right after these very bytes were parsed. */
  write(data: string | Uint8Array, callback?: () => void): void
  resize(cols: number, rows: number): void
  onData(listener: (data: string) => void): IDisposable
  onBinary(listener: (data: string) => void): IDisposable
  onBell(listener: () => void): IDisposable
  onTitleChange(listener: (title: string) => void): IDisposable
}
