export type { SessionClient } from './client-core.ts'
export {
  DEFAULT_CATCH_UP_BYTES,
  DEFAULT_MAX_PENDING_BYTES,
  DEFAULT_STALE_INPUT_MS,
} from './options.ts'
export { attachSession, createSessionClient, type SessionClientOptions } from './session-client.ts'
export { SessionClientError, type SessionClientErrorCode } from './session-client-error.ts'
export type {
  AttachOptions,
  HeldReason,
  InputRefusal,
  PendingInput,
  Session,
  SessionEvent,
  SessionExit,
  SessionOutput,
  SessionSnapshot,
  SessionStatus,
  TerminalColors,
  TerminalSize,
} from './types.ts'
