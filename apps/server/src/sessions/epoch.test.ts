import { expect, it, onTestFinished } from 'vitest'
import { testServer } from '../testing/test-server.ts'
import { attach } from '../testing/test-socket.ts'

it('a session that has ended before anybody attached is proved complete by the epoch of its answer', async () => {
  const server = await testServer(onTestFinished)
  const answer = await server.request('/api/sessions', { method: 'POST' })
  const { id, epoch } = (await answer.json()) as { id: string; epoch: string }
  const fake = server.runtime.last()
  expect(epoch).toBe(fake.log.epoch)
  fake.prints('all of it\n')
  fake.exits(0)
  const list = await server.request('/api/sessions')
  expect(await list.json()).toEqual([])

  const knows = await attach(server, id, { epoch })
  expect(await knows.frame('exit')).toMatchObject({ code: 0, offset: 10 })
  expect(knows.output.toString()).toBe('all of it\n')
  const knowsNothing = await attach(server, id)
  expect(await knowsNothing.whenClosed()).toBe(4404)
})

it('the list has the same epoch as the answer', async () => {
  const server = await testServer(onTestFinished)
  const answer = await server.request('/api/sessions', { method: 'POST' })
  const { id, epoch } = (await answer.json()) as { id: string; epoch: string }
  expect(await (await server.request('/api/sessions')).json()).toMatchObject([{ id, epoch }])
  expect(await (await server.request(`/api/sessions/${id}`)).json()).toMatchObject({ id, epoch })
})
