import { join } from 'node:path'
import { createPtySession } from '@conductor/pty-session'
import { until } from '@conductor/testing'

/** For tests: what a real program writes becomes the log of the session `id`, which may be a fake. */
export async function recordLog(
  dataDir: string,
  id: string,
  script: string,
  options: { readonly name?: string; readonly historyBytes?: number } = {},
): Promise<string> {
  const { name = 'log', historyBytes = 256 * 1024 * 1024 } = options
  const logDir = join(dataDir, id, name)
  const program = createPtySession({
    id,
    logDir,
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cols: 100,
    rows: 30,
    historyBytes,
  })
  await until(() => program.state.name === 'exited', { timeoutMs: 20_000, what: 'it has written' })
  program.close()
  return logDir
}
