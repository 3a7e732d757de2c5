export type { AuditFactJson, AuditType } from './audit.ts'
export type { ProblemJson } from './problem.ts'
export type {
  CheckJson,
  DeathJson,
  ProbeJson,
  ProcessJson,
  ProcessPhase,
  ProcessSpecJson,
  ProcessUsageJson,
  ReadinessJson,
  WhyJson,
} from './process.ts'
export type {
  NewPushSubscriptionJson,
  PushKeyJson,
  PushLookingJson,
  PushPayloadJson,
  PushSettingsJson,
  PushSubscriptionJson,
} from './push.ts'
export type { NewRemoteJson, RemoteJson, RemoteStatus } from './server.ts'
export type {
  AttentionJson,
  NewSessionJson,
  SessionJson,
  SessionKind,
  SessionStatus,
  ViewerJson,
} from './session.ts'
export type { ClaimedShareJson, MadeShareJson, NewShareJson, ShareJson } from './share.ts'
export type { DiskJson, HeartbeatJson, ServerStatusJson } from './status.ts'
export type { UploadedFileJson } from './uploaded-file.ts'
