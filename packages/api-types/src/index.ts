export type { ProblemJson } from './problem.ts'
export type { NewSessionJson, SessionJson, SessionKind, SessionStatus } from './session.ts'
export type { UploadedFileJson } from './uploaded-file.ts'
