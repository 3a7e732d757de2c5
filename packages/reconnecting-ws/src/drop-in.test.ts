import { describe, expect, it } from 'vitest'
import { settle, setup } from './testing/setup.ts'

describe('as a drop-in for WebSocket', () => {
  it('calls the on… handlers, with itself as the target', async () => {
    const { ws, last, opens } = await setup()
    const heard: unknown[] = []
    ws.onopen = ({ target }) => heard.push(target === ws)
    ws.onmessage = ({ data }) => heard.push(data)
    ws.onclose = ({ code }) => heard.push(code)
    ws.onstatechange = ({ detail }) => heard.push(detail.name)
    await opens()
    last().says('hi')
    ws.close()
    await settle()
    expect(heard).toEqual(['open', true, 'hi', 'closed', 1005])
    expect(ws).toBeInstanceOf(EventTarget)
  })

  it('keeps the binaryType for every connection', async () => {
    const { ws, last, opens, pass } = await setup()
    expect(ws.binaryType).toBe('blob')
    ws.binaryType = 'arraybuffer'
    await opens()
    expect(last().binaryType).toBe('arraybuffer')
    last().drops()
    await pass(1_000)
    expect(last().binaryType).toBe('arraybuffer')
  })

  it('has the protocol that the server chose, and the bytes that are still on their way', async () => {
    const { ws, last } = await setup()
    expect(ws.protocol).toBe('')
    last().opens('conductor.v1')
    last().bufferedAmount = 7
    expect(ws.protocol).toBe('conductor.v1')
    expect(ws.bufferedAmount).toBe(7)
  })

  it('goes on when a handler throws', async () => {
    const { ws, last, opens, pass, sockets } = await setup()
    const thrown: unknown[] = []
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => thrown.push(error.message))
    try {
      ws.onstatechange = () => {
        throw new Error('handler')
      }
      await opens()
      last().drops()
      await pass(1_000)
      expect(sockets).toHaveLength(2)
      expect(thrown).toEqual(['handler', 'handler', 'handler'])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })
})
