/** What `POST api/sessions/{id}/shares` takes. */
export interface NewShareJson {
  /** The most that whoever has the link may do. */
  readonly mode: 'viewer' | 'driver'
  /** Default: 3,600; at most 2,592,000 (30 days). */
  readonly expiresInSeconds?: number | undefined
  /** For whom it is: shown beside whoever comes by it. */
  readonly label?: string | undefined
}

/** A link that opens one session. `GET api/shares`, or `?session=<id>`, lists them; `DELETE api/shares/{id}` revokes one. */
export interface ShareJson {
  readonly id: string
  readonly sessionId: string
  readonly mode: 'viewer' | 'driver'
  readonly label?: string | undefined
  /** For a person: how whoever made it had come in, and from where. */
  readonly madeBy?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** ISO 8601, UTC. */
  readonly expiresAt: string
}

/** A new one: `url` holds the only copy of its secret, behind the `#`. */
export interface MadeShareJson extends ShareJson {
  readonly url: string
}

/**
 * What `POST api/shares/claim` answers to `{secret}`. Its cookie counts in requests with `?share=<share.id>`
 * alone, also on `api/events` and `ws/{id}`: on such a page a whole login of the same browser does not.
 */
export interface ClaimedShareJson {
  readonly share: ShareJson
  /** Opens what the share opens, as `X-Session-Token` or among the subprotocols. */
  readonly token: string
}
