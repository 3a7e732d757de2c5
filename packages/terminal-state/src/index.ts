export type { TerminalSize } from './check-options.ts'
export type { TerminalColors } from './emulator/colors.ts'
export { guardCounts } from './emulator/guard-counts.ts'
export { guardErase } from './emulator/guard-erase.ts'
export type { ColorName, OutputEvent, QueryKind, TerminalQuery } from './output-events.ts'
export { fixedReply, unanswered } from './replies.ts'
export { unfinishedCharacter } from './scanner/cut.ts'
export {
  createOutputScanner,
  type OutputPlace,
  type OutputScanner,
  type OutputScannerOptions,
} from './scanner/output-scanner.ts'
export { createTerminalState } from './terminal-state.ts'
export {
  isTerminalStateError,
  TerminalStateError,
  type TerminalStateErrorCode,
} from './terminal-state-error.ts'
export type {
  SnapshotOptions,
  TerminalReply,
  TerminalSnapshot,
  TerminalState,
  TerminalStateOptions,
} from './types.ts'
