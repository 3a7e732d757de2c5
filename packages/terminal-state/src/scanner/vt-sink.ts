/** Hears what the parser finds. Parameters and intermediates come as written; all buffers are borrowed. */
export interface VtSink {
  bell(start: number, end: number): void
  csi(bytes: Buffer, from: number, to: number, final: number, start: number, end: number): void
  esc(intermediate: number, final: number): void
  /** `sizeBytes` is the whole length, of which `data` holds the beginning. */
  osc(data: Buffer, sizeBytes: number, start: number, end: number): void
  dcs(
    head: Buffer,
    final: number,
    data: Buffer,
    sizeBytes: number,
    start: number,
    end: number,
  ): void
}

/** Which finals of control sequences the sink wants to hear of, by code. */
export type WantedFinals = Readonly<Uint8Array>

export interface VtParser {
  readonly offset: number
  /** The offset at which the open sequence begins; `undefined` at ground. */
  readonly openAt: number | undefined
  parse(bytes: Buffer): void
}
