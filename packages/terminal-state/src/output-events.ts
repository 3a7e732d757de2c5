/** Where in the output something stands, in bytes since the session's pty was born. */
interface Span {
  /** The offset of its first byte. */
  readonly start: number
  /** The offset behind the byte that completed it. */
  readonly end: number
}

/** A colour that a program can ask for: an entry of the palette, or one of the three defaults. */
export type ColorName = number | 'foreground' | 'background' | 'cursor'

/** What a program asks its terminal, and waits for an answer to. */
export type QueryKind =
  /** DA1, DA2, DA3: what kind of terminal. */
  | { readonly kind: 'device-attributes'; readonly level: 1 | 2 | 3 }
  /** XTVERSION: name and version. */
  | { readonly kind: 'version' }
  /** DSR 5: is it in order. */
  | { readonly kind: 'status' }
  /** CPR (DSR 6), or DECXCPR when `isPrivate`: where is the cursor. */
  | { readonly kind: 'cursor-position'; readonly isPrivate: boolean }
  /** Any other DECDSR: printer, keys, locator, colour scheme (996) … */
  | { readonly kind: 'private-status'; readonly code: number }
  /** DECRQM: is this mode set. */
  | { readonly kind: 'mode'; readonly isPrivate: boolean; readonly mode: number }
  /** DECRQSS: the setting that this control function makes, e.g. `m`, `r`, ` q`. */
  | { readonly kind: 'setting'; readonly setting: string }
  /** OSC 4, 10, 11, 12 with `?`: these colours, in this order. */
  | { readonly kind: 'color'; readonly colors: readonly ColorName[] }
  /** `CSI ? u`: which flags of kitty's keyboard protocol are on. */
  | { readonly kind: 'keyboard-flags' }
  /** XTGETTCAP: entries of the terminfo database, in hexadecimal, as asked. */
  | { readonly kind: 'termcap'; readonly names: string }
  /** XTWINOPS reports: 11, 13 to 16, 18 to 21. */
  | { readonly kind: 'window'; readonly operation: number }
  /** OSC 52 with `?`: what is in the clipboard. */
  | { readonly kind: 'clipboard' }
  /** DECRQCRA: a checksum of what is on the screen. */
  | { readonly kind: 'checksum' }
  /** The rest: ENQ, DECREQTPARM, DECRQUPSS, DECRQTSR, DECRQPSR, XTSMGRAPHICS, OSC 5 and 13 to 19 with `?`. */
  | { readonly kind: 'other'; readonly name: string }

export type TerminalQuery = Span & { readonly type: 'query' } & QueryKind

/** Everything that the scanner tells. Texts are decoded, without control and bidi characters, and capped. */
export type OutputEvent =
  | TerminalQuery
  | (Span & { readonly type: 'bell' })
  /** OSC 0 and 2. */
  | (Span & { readonly type: 'title'; readonly text: string })
  /** OSC 9, OSC 777 and OSC 99 (once, when its last chunk is there). `title` may be empty. */
  | (Span & { readonly type: 'notification'; readonly title: string; readonly body: string })
  /** OSC 9;4. `percent` is 0 to 100, and `undefined` where the state has none. */
  | (Span & {
      readonly type: 'progress'
      readonly state: 'none' | 'normal' | 'error' | 'indeterminate' | 'paused'
      readonly percent: number | undefined
    })
  /** OSC 7 with a `file:` URL: the folder, decoded, and the host, empty for this one. */
  | (Span & { readonly type: 'cwd'; readonly host: string; readonly path: string })
  /** OSC 133: A prompt, B command, C output, D done (`exitCode` if the shell told). */
  | (Span & {
      readonly type: 'prompt-mark'
      readonly mark: 'prompt' | 'command' | 'output' | 'done'
      readonly exitCode: number | undefined
    })
  /** OSC 52. The text itself is not kept: only how long it would be, in bytes. */
  | (Span & {
      readonly type: 'clipboard-write'
      readonly selection: string
      readonly sizeBytes: number
    })
