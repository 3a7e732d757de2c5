import type { ManagerEvent } from '@conductor/process-manager'
import { type DeathJson, describeDeath, describeProcess, type ProcessJson } from './process-json.ts'

/** What `/api/events` tells about managed processes. */
export type ProcessesEvent =
  | { readonly type: 'process.added'; readonly name: string }
  | { readonly type: 'process.removed'; readonly name: string }
  | { readonly type: 'process.changed'; readonly name: string; readonly process: ProcessJson }
  | { readonly type: 'process.death'; readonly name: string; readonly death: DeathJson }
  | { readonly type: 'process.adopted'; readonly name: string; readonly pid: number }

/** @returns `undefined` for what concerns the operator of this server alone. */
export function toProcessesEvent(event: ManagerEvent): ProcessesEvent | undefined {
  switch (event.type) {
    case 'added':
    case 'removed':
      return { type: `process.${event.type}`, name: event.name }
    case 'changed':
      return { type: 'process.changed', name: event.name, process: describeProcess(event.info) }
    case 'death':
      return { type: 'process.death', name: event.name, death: describeDeath(event.death) }
    case 'adopted':
      return { type: 'process.adopted', name: event.name, pid: event.identity.pid }
    default:
      return undefined
  }
}
