/** Above this much unsent, nothing more is read from the other side, in bytes. */
const HIGH_WATER_BYTES = 256 * 1024

/** As much of a WebSocket as passing its messages on needs. */
export interface PumpSocket {
  /** Bytes handed over and not yet taken by the kernel. */
  readonly bufferedAmount: number
  send(data: Buffer, options: { readonly binary: boolean }, onSent: () => void): void
  pause(): void
  resume(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
}

export interface PumpOptions {
  readonly from: PumpSocket
  readonly to: PumpSocket
  /** A message came by. */
  readonly onMessage?: (() => void) | undefined
  /** `from` is not read any more, or is again: then its silence proves nothing, or does again. */
  readonly onPause?: ((paused: boolean) => void) | undefined
}

/**
 * Passes messages on as they are. While `to` takes no more, `from` is not read: its sender has to wait, and
 * here lies never more than the high water and what the parser had in its hands.
 */
export function pump({ from, to, onMessage, onPause }: PumpOptions): void {
  let paused = false

  function sent(): void {
    if (!paused || to.bufferedAmount > HIGH_WATER_BYTES) return
    paused = false
    from.resume()
    onPause?.(false)
  }

  from.on('message', (data, isBinary) => {
    onMessage?.()
    to.send(data, { binary: isBinary }, sent)
    if (paused || to.bufferedAmount <= HIGH_WATER_BYTES) return
    paused = true
    from.pause()
    onPause?.(true)
  })
}
