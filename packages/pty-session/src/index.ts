export {
  type ConnectHostOptions,
  connectSessionHost,
  type SessionHost,
} from './host/connect.ts'
export { type FoundHost, listSessionHosts } from './host/list.ts'
export { type SpawnHostOptions, spawnSessionHost } from './host/spawn.ts'
export { type LogFollower, openLogReader } from './log/log-reader.ts'
export type { LogRecord } from './log/log-record.ts'
export { type LogRepair, repairSessionLog } from './log/repair-session-log.ts'
export {
  isPtySessionError,
  PtySessionError,
  type PtySessionErrorCode,
} from './pty-session-error.ts'
export type { SearchQuery } from './search/query.ts'
export { searchInWorker, type WorkerSearchOptions } from './search/search-in-worker.ts'
export {
  type SearchEnd,
  type SearchEvent,
  type SearchedHistory,
  type SearchHit,
  type SearchOptions,
  searchLogs,
} from './search/search-logs.ts'
export { createPtySession, type SessionRuntime } from './session.ts'
export { tmuxAttachCommand, tmuxSocketPath } from './tmux/attach-command.ts'
export type {
  AttachOptions,
  FsyncPolicy,
  LogBlock,
  LogRead,
  LogReader,
  PtySession,
  QueryAnswerer,
  SessionEvent,
  SessionExit,
  SessionInput,
  SessionOptions,
  SessionState,
  SizeOwner,
  TerminalColors,
  TerminalEvent,
  TerminalSize,
  TerminalSnapshot,
  Viewer,
  ViewerSink,
  Viewers,
} from './types.ts'
export { createViewers, type ViewersOptions } from './viewers/viewers.ts'
