import { fakeWebSockets } from '@conductor/testing'
import { expect, it } from 'vitest'
import { settle } from './testing/setup.ts'
import { websocketConstructor } from './websocket-constructor.ts'

it('can be called with new, as a library calls WebSocket', async () => {
  const fakes = fakeWebSockets()
  const WebSocket = websocketConstructor({ WebSocket: fakes.WebSocket })
  const ws = new WebSocket('ws://host/', ['v1'])
  await settle()
  expect(fakes.last().url).toBe('ws://host/')
  expect(fakes.last().args[0]).toEqual(['v1'])
  fakes.last().opens()
  expect(ws.readyState).toBe(WebSocket.OPEN)
  ws.close()
})
