/**
 * The first byte of each frame. Codes below 0x80 must be understood; codes from 0x80 may be
 * ignored, which is how a later minor version adds frames without breaking anybody.
 */
export const FrameCode = {
  hello: 0x01,
  attach: 0x02,
  detach: 0x03,
  input: 0x04,
  resize: 0x05,
  ack: 0x06,
  repeat: 0x07,
  ping: 0x08,
  pong: 0x09,
  colors: 0x80,
  welcome: 0x21,
  attached: 0x22,
  output: 0x23,
  gap: 0x24,
  snapshot: 0x25,
  accepted: 0x26,
  size: 0x27,
  exit: 0x28,
  refused: 0x29,
  notice: 0x2a,
} as const

/** Codes from here on may be passed over by whoever does not know them. */
export const FIRST_OPTIONAL_CODE = 0x80
