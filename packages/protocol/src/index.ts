export { type ByteReader, type ByteWriter, createReader, createWriter } from './bytes.ts'
export { CloseCode, isFinalCloseCode } from './close-codes.ts'
export {
  type AttachMode,
  type ClientFrame,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  MAX_FRAME_BYTES,
  MAX_INPUT_BYTES,
  OUTPUT_HEADROOM,
  PROTOCOL_VERSION,
  placeOutputHeader,
  type ServerFrame,
  type SizeOwner,
  SUBPROTOCOL,
} from './frames.ts'
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts'
