/** `checking`: nobody has asked it since our own server began. */
export type RemoteStatus = 'checking' | 'ok' | 'unreachable' | 'login-needed' | 'wrong-version'

/** What `POST api/servers` takes. */
export interface NewRemoteJson {
  /** Default: the host of `url`. */
  readonly name?: string | undefined
  /** `http` or `https`, as a browser would write it, with its base path. */
  readonly url: string
  /** Traded for a token at once, and not kept. Without it the server waits for its login. */
  readonly password?: string | undefined
}

/**
 * Another server that ours passes on to, of `GET api/servers` and the event `servers`. What is below its own
 * `api/` and `ws/` is below `remote/{id}/` here. Its token never leaves our server.
 */
export interface RemoteJson {
  readonly id: string
  readonly name: string
  /** Ends with a slash. */
  readonly url: string
  readonly status: RemoteStatus
  /** What is wrong, for a person. */
  readonly error?: string | undefined
}
