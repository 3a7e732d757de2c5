/** A daemon as the BackgroundProcessManager document writes it. All times are milliseconds. */
export interface BackgroundProcessConfig {
  /** Plugin identifier. */
  pluginName: string
  /** Absolute path to the plugin's folder, where the daemon runs. */
  pluginPath: string
  /** Command to execute, as the path of a Python. */
  command: string
  args: string[]
  /** Unix socket for talking to it. */
  socketPath: string
  /** The socket must accept connections by then. */
  startupTimeout: number
  /** After `SIGTERM`, before `SIGKILL`. */
  shutdownGracePeriod: number

  envVars?: Record<string, string>
  healthcheck?: {
    interval: number
    timeout: number
    /** Failures before it counts as unhealthy. */
    retries: number
  }
}
