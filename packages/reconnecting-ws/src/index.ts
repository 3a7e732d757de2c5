export { isFinalCode } from './final-codes.ts'
export type { Loss, SocketState, Tries } from './machine.ts'
export type {
  Fresh,
  PingOptions,
  ReconnectingWsOptions,
  SocketConstructor,
  SocketLike,
} from './options.ts'
export type { Page } from './page.ts'
export { createReconnectingWs } from './reconnecting-ws.ts'
export { ReconnectingWsError, type ReconnectingWsErrorCode } from './reconnecting-ws-error.ts'
export {
  endless,
  type FullJitterOptions,
  fullJitter,
  type Schedule,
  seedSchedule,
} from './schedules.ts'
export type { SocketData } from './send-queue.ts'
export type { ReconnectingWs, ReconnectingWsEvents } from './types.ts'
export { type WebSocketConstructor, websocketConstructor } from './websocket-constructor.ts'
