/** States of the machine. A head (parameters and intermediates) has four, in the same order for CSI and DCS. */
export const GROUND = 0
export const ESCAPE = 1
export const ESCAPE_INTERMEDIATE = 2
export const CSI_ENTRY = 3
export const CSI_IGNORE = 6
export const OSC_STRING = 7
export const DCS_ENTRY = 8
export const DCS_IGNORE = 11
export const DCS_DATA = 12
/** SOS, PM, APC: nobody listens. */
export const OTHER_STRING = 13

/** The four states of parameters and intermediates, counted from the entry: 0 entry, 1 parameters, 2 intermediates, 3 ignored. */
export function nextHeadState(at: number, byte: number): number {
  if (at === 3) return 3
  if (byte < 0x30) return 2
  if (at === 2) return 3
  if (byte < 0x3c) return 1
  return at === 0 ? 1 : 3
}

/** Where the next `byte` is; the end when there is none. */
export function nextIn(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at === -1 ? bytes.length : at
}
