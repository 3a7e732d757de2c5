import { assert, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteBuffer, bufferFrom, installByteBuffer } from './byte-buffer.ts'

const scope: { Buffer?: unknown } = {}
installByteBuffer(scope)

const same = (ours: Uint8Array, nodes: Uint8Array): void => expect([...ours]).toEqual([...nodes])

describe('bytes as Node has them', () => {
  it('come from text, base64, lists and memory', () => {
    same(bufferFrom('aé漢'), Buffer.from('aé漢'))
    same(bufferFrom('aGVsbG8=', 'base64'), Buffer.from('aGVsbG8=', 'base64'))
    same(bufferFrom([1, 2, 300]), Buffer.from([1, 2, 300]))
    const memory = Uint8Array.of(1, 2, 3, 4).buffer
    const view = bufferFrom(memory, 1, 2)
    same(view, Uint8Array.of(2, 3))
    new Uint8Array(memory)[1] = 9
    expect(view[0]).toBe(9)
    const source = Uint8Array.of(1)
    const copy = bufferFrom(source)
    source[0] = 2
    expect(copy[0]).toBe(1)
  })

  it('are texts again as Node makes them', () => {
    assert(
      property(uint8Array({ maxLength: 40 }), (bytes) => {
        const [ours, nodes] = [bufferFrom(bytes), Buffer.from(bytes)]
        expect(ours.toString('latin1', 1, 9)).toBe(nodes.toString('latin1', 1, 9))
        expect(ours.toString()).toBe(nodes.toString())
      }),
    )
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(ByteBuffer.byteLength(text)).toBe(Buffer.byteLength(text))
      }),
    )
  })

  it('are joined, copied and cut', () => {
    same(ByteBuffer.concat([bufferFrom('ab'), bufferFrom('c')]), Buffer.from('abc'))
    const target = ByteBuffer.alloc(3)
    expect(bufferFrom('hello').copy(target, 1, 1, 9)).toBe(2)
    same(target, Buffer.from('\0el'))
    expect(ByteBuffer.isBuffer(bufferFrom('abc').subarray(1))).toBe(true)
    expect(ByteBuffer.isBuffer(new Uint8Array(1))).toBe(false)
  })

  it('leave a Buffer alone that is there', () => {
    const other = { Buffer: 'node' }
    installByteBuffer(other)
    expect(other.Buffer).toBe('node')
    expect(scope.Buffer).toBe(ByteBuffer)
  })
})
