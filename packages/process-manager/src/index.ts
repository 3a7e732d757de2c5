export { BackgroundProcessManager, ProcessState } from './background-process-manager.ts'
export { processesFileSchema } from './file/file-shape.ts'
export {
  PROCESSES_FILE_NAMES,
  type ProcessesFile,
  parseProcessesFile,
  readProcessesFile,
} from './file/processes-file.ts'
export type { LogPiece, LogSize } from './logs/log-store.ts'
export type { FollowOptions, ProcessLog, TailOptions } from './logs/process-log.ts'
export type {
  Asked,
  Death,
  ManagerEvent,
  Phase,
  ProcessInfo,
  ProcessManager,
  ProcessStateName,
  Usage,
  Why,
} from './manager-api.ts'
export type { BackgroundProcessConfig } from './plugins/background-process-config.ts'
export {
  createPluginLoader,
  type DaemonStarter,
  type LoadedAll,
  type LoadedPlugin,
  type PluginLoader,
  type PluginLoaderOptions,
} from './plugins/plugin-loader.ts'
export {
  type PluginDaemon,
  type PluginHealthcheck,
  type PluginManifest,
  readPluginManifest,
} from './plugins/plugin-manifest.ts'
export { createProcessManager, type ProcessManagerOptions } from './process-manager.ts'
export {
  isProcessManagerError,
  ProcessManagerError,
  type ProcessManagerErrorCode,
} from './process-manager-error.ts'
export { checkSpec, type ResolvedSpec } from './spec/check-spec.ts'
export {
  DEFAULT_CHECK_TIMING,
  DEFAULT_LOGS,
  DEFAULT_READY_PERIOD_MS,
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_STOP,
  PLUGIN_TIMEOUTS,
} from './spec/defaults.ts'
export type {
  DependencyCondition,
  GroupSpec,
  LimitSpec,
  LogSpec,
  ProcessSpec,
  Readiness,
  StopSpec,
  Strategy,
} from './spec/process-spec.ts'
