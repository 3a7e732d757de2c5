/** `driver` may type and resize; `viewer` only looks. */
export type AttachMode = 'driver' | 'viewer'

/** Who decides the terminal's size: this viewer, another one, or nobody yet. */
export type SizeOwner = 'you' | 'other' | 'none'

/**
 * Who answers what the program asks its terminal: `viewer`, one of those who look, or `session`, what holds
 * the terminal; then no viewer may, since an answer too many is read as typing.
 */
export type QueryAnswerer = 'viewer' | 'session'

/** In the order of their numbers on the wire. */
export const MODES = ['driver', 'viewer'] as const

/** In the order of their numbers on the wire. */
export const OWNERS = ['none', 'you', 'other'] as const

/** In the order of their numbers on the wire. */
export const ANSWERERS = ['viewer', 'session'] as const
