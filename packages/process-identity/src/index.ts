export { isZombie, type ProcStat, parseProcStat } from './proc-stat.ts'
export {
  identifyProcess,
  identifySelf,
  isProcessIdentity,
  type ProcessIdentity,
  type ProcessState,
  processState,
  signalProcess,
} from './process-identity.ts'
export { type ProcessReaders, systemReaders } from './readers.ts'
