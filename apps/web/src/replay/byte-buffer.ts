// The part of Node's Buffer that `@conductor/terminal-state` uses, for a worker, where there is none.
// Import it before anything else.

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export class ByteBuffer extends Uint8Array {
  /** Node's pool, which there is none of here: terminal-state sets it aside while it loads. */
  static poolSize = 0

  static alloc(size: number): ByteBuffer {
    return new ByteBuffer(size)
  }

  static allocUnsafe(size: number): ByteBuffer {
    return new ByteBuffer(size)
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof ByteBuffer
  }

  static byteLength(text: string): number {
    return encoder.encode(text).length
  }

  static concat(list: readonly Uint8Array[]): ByteBuffer {
    const all = new ByteBuffer(list.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const each of list) {
      all.set(each, at)
      at += each.length
    }
    return all
  }

  copy(target: Uint8Array, targetStart = 0, start = 0, end: number = this.length): number {
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart))
    target.set(part, targetStart)
    return part.length
  }

  override toString(encoding = 'utf8', start = 0, end: number = this.length): string {
    const part = this.subarray(start, end)
    if (encoding !== 'latin1') return decoder.decode(part)
    let text = ''
    for (const byte of part) text += String.fromCharCode(byte)
    return text
  }
}

/** As Buffer.from: a view of an ArrayBuffer, and a copy of all else. */
export function bufferFrom(
  value: string | ArrayBuffer | ArrayLike<number>,
  encodingOrOffset?: string | number,
  length?: number,
): ByteBuffer {
  if (value instanceof ArrayBuffer)
    return new ByteBuffer(value, Number(encodingOrOffset ?? 0), length)
  if (typeof value !== 'string') return copyOf(value)
  if (encodingOrOffset === 'base64') return copyOf(Array.from(atob(value), (c) => c.charCodeAt(0)))
  return copyOf(encoder.encode(value))
}

function copyOf(bytes: ArrayLike<number>): ByteBuffer {
  const copy = new ByteBuffer(bytes.length)
  copy.set(bytes)
  return copy
}

/** Where there is one, as in tests, it stays. */
export function installByteBuffer(
  scope: { Buffer?: unknown } = globalThis as { Buffer?: unknown },
): void {
  // `from` is a property and no static method: Uint8Array has another one, of another type.
  scope.Buffer ??= Object.assign(ByteBuffer, { from: bufferFrom })
}
