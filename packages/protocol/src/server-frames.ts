import type { AttachMode, QueryAnswerer, SizeOwner } from './fields.ts'

/** What a server says. */
export type ServerFrame =
  | {
      readonly type: 'welcome'
      readonly version: number
      /** Random per server process: another one means that the server was restarted. */
      readonly serverId: string
      /** Silence longer than this many milliseconds means that the connection is dead. */
      readonly silenceMs: number
      /** How many output bytes may be on their way before they are acknowledged. */
      readonly windowBytes: number
    }
  | {
      readonly type: 'attached'
      readonly channel: number
      readonly epoch: string
      /** The offset of the first byte that will be sent. */
      readonly from: number
      /** The end of the log at this moment: output below it is a replay. */
      readonly end: number
      /** The number of this client's last accepted input. */
      readonly inputSeq: number
      readonly cols: number
      readonly rows: number
      readonly mode: AttachMode
      /** The session's name, for a title. */
      readonly name: string
      /** Who answers the program's queries (absent: `viewer`). */
      readonly answers?: QueryAnswerer | undefined
    }
  | {
      readonly type: 'output'
      readonly channel: number
      /** The offset of the first byte of `bytes`. */
      readonly offset: number
      readonly bytes: Uint8Array
    }
  | { readonly type: 'gap'; readonly channel: number; readonly from: number; readonly to: number }
  | {
      readonly type: 'snapshot'
      readonly channel: number
      /** Where the output goes on: everything before it is in the snapshot. */
      readonly offset: number
      readonly cols: number
      readonly rows: number
      /** Output that makes a fresh terminal of this size what it is at `offset`. */
      readonly bytes: Uint8Array
    }
  | { readonly type: 'accepted'; readonly channel: number; readonly seq: number }
  | {
      readonly type: 'size'
      readonly channel: number
      readonly cols: number
      readonly rows: number
      readonly owner: SizeOwner
    }
  | {
      readonly type: 'exit'
      readonly channel: number
      /** The log's final length: whoever has applied up to here has everything. */
      readonly offset: number
      /** `undefined` when the program was ended by a signal, or its host was lost. */
      readonly code: number | undefined
      /** The signal's name, or empty. */
      readonly signal: string
    }
  | {
      readonly type: 'refused'
      readonly channel: number
      /** One of the close codes, for this channel only. */
      readonly code: number
      readonly reason: string
    }
  | {
      readonly type: 'notice'
      readonly channel: number
      /** UPPER_SNAKE, for programs. */
      readonly code: string
      /** One sentence, for people. */
      readonly text: string
    }
  | { readonly type: 'ping'; readonly time: number }
  | { readonly type: 'pong'; readonly time: number }
  | { readonly type: 'unknown'; readonly code: number }
