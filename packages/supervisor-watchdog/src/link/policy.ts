/**
 * Who started a daemon, as its run-file says: `app` ends with its app, `persistent` was told not to.
 * Absent: somebody started it by hand, and it is theirs to end.
 */
export type RunFileOwner = 'app' | 'persistent' | undefined

/**
 * Whether an app should hold a link to a daemon. To hold one arms it, so this decides whether the
 * daemon ends with the app.
 *
 * @param facts.spawned Whether this very program started the daemon: then always, even if the run-file is not there yet.
 * @param facts.runFileOwner What the run-file of a daemon that was found says. Anything but `app` is left alone.
 */
export function shouldLink(facts: {
  readonly spawned: boolean
  readonly runFileOwner?: string | undefined
}): boolean {
  return facts.spawned || facts.runFileOwner === 'app'
}

/**
 * Whether an app that ends should, as a last resort, end the process group of the daemon it started.
 *
 * Only if the link never connected: a daemon that has seen us ends by itself, gracefully, and one that
 * we only found is not ours.
 *
 * @param facts.keep Whether the daemon was meant to outlive the app.
 */
export function shouldKillOnExit(facts: {
  readonly spawned: boolean
  readonly everConnected: boolean
  readonly keep: boolean
}): boolean {
  return facts.spawned && !facts.everConnected && !facts.keep
}
