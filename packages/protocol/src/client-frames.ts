import type { AttachMode } from './fields.ts'

/** What a client says. Offsets count bytes since the session's pty was born. */
export type ClientFrame =
  | { readonly type: 'hello'; readonly version: number; readonly clientId: string }
  | {
      readonly type: 'attach'
      readonly channel: number
      /** Empty on a socket whose address already names the session. */
      readonly session: string
      /** The epoch that `have` belongs to; empty for a first attach. */
      readonly epoch: string
      /** The next offset wanted: everything before it has been applied. */
      readonly have: number
      readonly cols: number
      readonly rows: number
      readonly mode: AttachMode
      /**
       * Rather than more output than this, in bytes, the client takes a snapshot; absent or 0: it
       * takes none.
       */
      readonly catchUpBytes?: number | undefined
    }
  | { readonly type: 'detach'; readonly channel: number }
  | {
      readonly type: 'input'
      readonly channel: number
      /** 1, 2, 3 … for each client and epoch. */
      readonly seq: number
      readonly bytes: Uint8Array
    }
  | {
      readonly type: 'resize'
      readonly channel: number
      readonly cols: number
      readonly rows: number
      /** Take the size over, whoever owns it now. */
      readonly claim: boolean
    }
  | { readonly type: 'ack'; readonly channel: number; readonly offset: number }
  | { readonly type: 'repeat'; readonly channel: number; readonly have: number }
  | {
      readonly type: 'colors'
      readonly channel: number
      /** As `#rrggbb`. */
      readonly foreground: string
      readonly background: string
      readonly cursor: string
    }
  | { readonly type: 'ping'; readonly time: number }
  | { readonly type: 'pong'; readonly time: number }
  | { readonly type: 'unknown'; readonly code: number }
