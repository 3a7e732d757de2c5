import type { ProcessSpec } from '../spec/process-spec.ts'
import type { BackgroundProcessConfig } from './background-process-config.ts'

/**
 * What the document's configuration means here: ready when its socket accepts connections, checked by
 * connecting again, restarted by the preset `ally`.
 */
export function toProcessSpec(config: BackgroundProcessConfig): ProcessSpec {
  const { pluginName, pluginPath, command, args, socketPath, healthcheck, envVars } = config
  return {
    name: pluginName,
    command,
    args,
    cwd: pluginPath,
    socketPath,
    ready: { kind: 'socket' },
    startupTimeoutMs: config.startupTimeout,
    stop: { graceMs: config.shutdownGracePeriod },
    restart: 'ally',
    ...(envVars && { env: envVars }),
    ...(healthcheck && {
      liveness: {
        probe: { kind: 'unix', path: socketPath },
        // It has just become ready, so there is nothing to ask at once.
        initialDelayMs: healthcheck.interval,
        periodMs: healthcheck.interval,
        timeoutMs: healthcheck.timeout,
        failureThreshold: healthcheck.retries,
      },
    }),
  }
}
