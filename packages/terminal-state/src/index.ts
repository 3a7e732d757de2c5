export type { ColorName, OutputEvent, QueryKind, TerminalQuery } from './output-events.ts'
export { fixedReply, unanswered } from './replies.ts'
export {
  createOutputScanner,
  type OutputPlace,
  type OutputScanner,
  type OutputScannerOptions,
} from './scanner/output-scanner.ts'
export {
  createTerminalState,
  type SnapshotOptions,
  type TerminalColors,
  type TerminalReply,
  type TerminalSize,
  type TerminalSnapshot,
  type TerminalState,
  type TerminalStateOptions,
} from './terminal-state.ts'
export {
  isTerminalStateError,
  TerminalStateError,
  type TerminalStateErrorCode,
} from './terminal-state-error.ts'
