/** `driver` may type and resize; `viewer` only looks. */
export type AttachMode = 'driver' | 'viewer'

/** Who decides the terminal's size: this viewer, another one, or nobody yet. */
export type SizeOwner = 'you' | 'other' | 'none'

/** In the order of their numbers on the wire. */
export const MODES = ['driver', 'viewer'] as const

/** In the order of their numbers on the wire. */
export const OWNERS = ['none', 'you', 'other'] as const
