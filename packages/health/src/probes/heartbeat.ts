import { checkHeartbeat } from '../heartbeat/check-heartbeat.ts'
import type { HeartbeatProbe } from '../probe-spec.ts'
import { fail, type Looker, PASS } from './look.ts'

/** Reads a heartbeat file. One that cannot be judged says nothing about its daemon. */
export function heartbeatLooker({ path, maxAgeMs }: HeartbeatProbe): Looker {
  return {
    async look({ clock }) {
      const options = maxAgeMs === undefined ? { clock } : { clock, maxAgeMs }
      const { status, message } = await checkHeartbeat(path, options)
      if (status === 'HEALTHY') return PASS
      return status === 'UNHEALTHY' ? fail(message) : { status: 'unknown', message }
    },
  }
}
