// The main process of an Electron app. In yours: `import { app } from 'electron'`, `hostDaemon(app, …)`.
import { findOrSpawn, type HostOptions } from './find-or-spawn.ts'

/** The part of Electron's `app` that this needs. */
export interface ElectronApp {
  whenReady(): Promise<unknown>
  on(event: 'quit', listener: () => void): unknown
}

/**
 * Nothing is done at the quit of the app: a crash and SIGKILL do nothing either, and so all three end
 * alike. The system closes the connection, and the daemon, which sees that, ends itself.
 */
export async function hostDaemon(
  app: ElectronApp,
  options: HostOptions & { readonly onConnected: (connected: boolean) => void },
): Promise<void> {
  await app.whenReady()
  const { link, lastResort } = findOrSpawn(options)
  link?.subscribe(options.onConnected)
  // Only where the link never came about: then nobody else will end what we started.
  app.on('quit', lastResort)
}
