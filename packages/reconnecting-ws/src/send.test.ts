import { describe, expect, it } from 'vitest'
import { setup } from './testing/setup.ts'

describe('send()', () => {
  it('keeps messages for the next connection, and sends them in order after open', async () => {
    const { ws, last, opens, pass } = await setup()
    ws.addEventListener('open', () => ws.send('hello'))
    expect(ws.send('a')).toBe(true)
    expect(ws.send('b')).toBe(true)
    expect(ws.bufferedAmount).toBe(2)
    await opens()
    expect(last().sent).toEqual(['hello', 'a', 'b'])
    expect(ws.bufferedAmount).toBe(0)
    last().drops()
    ws.send('c')
    await pass(1_000)
    await opens()
    expect(last().sent).toEqual(['hello', 'c'])
  })

  it('refuses what does not fit, counted in bytes, and keeps what it had', async () => {
    const { ws, last, opens } = await setup({ maxQueuedBytes: 5 })
    expect(ws.send('äö')).toBe(true)
    expect(ws.send('ü')).toBe(false)
    expect(ws.send(new Uint8Array(1))).toBe(true)
    expect(ws.send('x')).toBe(false)
    await opens()
    expect(last().sent).toHaveLength(2)
  })

  it('keeps nothing when there is no queue', async () => {
    const { ws, opens, last } = await setup({ maxQueuedBytes: 0 })
    expect(ws.send('lost')).toBe(false)
    await opens()
    expect(ws.send('sent')).toBe(true)
    expect(last().sent).toEqual(['sent'])
  })

  it('keeps the bytes as they were, whatever becomes of the buffer', async () => {
    const { ws, last, opens } = await setup()
    const pool = new Uint8Array([0, 1, 2, 3])
    ws.send(pool.subarray(1, 3))
    pool.fill(9)
    await opens()
    const blob = last().sent[0] as Blob
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2])
  })

  it('is false when stopped or closed', async () => {
    const { ws, last } = await setup()
    last().drops(4404)
    expect(ws.send('x')).toBe(false)
    ws.close()
    expect(ws.send('x')).toBe(false)
    expect(last().sent).toEqual([])
  })

  it('does not give a message to a connection that is already closing', async () => {
    const { ws, last, opens, pass } = await setup()
    await opens()
    last().close()
    expect(ws.send('x')).toBe(true)
    last().drops()
    await pass(1_000)
    await opens()
    expect(last().sent).toEqual(['x'])
  })
})
