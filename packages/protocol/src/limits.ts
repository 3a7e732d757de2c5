/** The version that `hello` and `welcome` name. */
export const PROTOCOL_VERSION = 1

/** The largest frame either side accepts, in bytes. */
export const MAX_FRAME_BYTES: number = 1024 * 1024

/** The largest payload of one `input` frame, in bytes: larger pastes are sent as several. */
export const MAX_INPUT_BYTES: number = 64 * 1024
