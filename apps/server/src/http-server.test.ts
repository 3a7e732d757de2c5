import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { testServer } from './testing/test-server.ts'

it('a stop waits for no connection that never carried a request, as browsers open them ahead of need', async () => {
  const server = await testServer(onTestFinished)
  const ahead = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(ahead, 'connect')
  // The server knows of it once it has answered somebody who came later.
  await (await fetch(`${server.url}/api/health`)).text()
  const started = performance.now()
  await server.close()
  expect(performance.now() - started).toBeLessThan(5_000)
  ahead.destroy()
})
