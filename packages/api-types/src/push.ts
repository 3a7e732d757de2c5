/** `GET api/push/key`: the `applicationServerKey` of `pushManager.subscribe`, in base64url. */
export interface PushKeyJson {
  readonly key: string
}

/** `PUT api/push/subscriptions`: a `PushSubscription` as its `toJSON` gives it, and a name for the device. */
export interface NewPushSubscriptionJson {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
  readonly expirationTime?: number | null | undefined
  readonly label?: string | undefined
}

/** A device of `GET api/push/subscriptions`. `DELETE` there takes `{endpoint}`. */
export interface PushSubscriptionJson {
  readonly id: string
  readonly label?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** Whose push service: the host of its endpoint. */
  readonly service: string
  /** It belongs to the login that asks. */
  readonly isMine: boolean
}

/** `GET` and `PUT api/push/settings`, the whole of it, for all devices. */
export interface PushSettingsJson {
  /** Default: waiting and failed. */
  readonly states: readonly ('waiting' | 'done' | 'failed')[]
  /** What the program said, on the lock screen too (default: no). */
  readonly includeText: boolean
  /** Ids of sessions about which nothing is sent. */
  readonly muted: readonly string[]
  /** `HH:MM` to `HH:MM`, over midnight too, in a zone as `Europe/Berlin`. */
  readonly quietHours?:
    | { readonly from: string; readonly to: string; readonly timeZone: string }
    | undefined
}

/** `PUT api/push/looking`: every 30 s while somebody can see the page, and when that changes. Good for 45 s. */
export interface PushLookingJson {
  /** Random for each page, 1 to 64 letters, digits, `-` and `_`. */
  readonly page: string
  /** What it shows; `null`: no session, or nobody sees it. */
  readonly sessionId: string | null
}

/** What a service worker finds in `event.data.json()`. */
export interface PushPayloadJson {
  readonly v: 1
  readonly type: 'attention'
  readonly sessionId: string
  /** The session's. */
  readonly name: string
  readonly state: 'waiting' | 'done' | 'failed'
  /** ISO 8601, UTC. */
  readonly since: string
  /** With `includeText` alone. */
  readonly text?: string | undefined
}
