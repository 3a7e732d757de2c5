import { fakeWebSockets } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { setup } from './testing/setup.ts'

describe('url, protocols and headers', () => {
  it('are asked for anew for every try, also when they take a while', async () => {
    let tries = 0
    const { last, pass } = await setup({
      url: () => `ws://host/${++tries}`,
      protocols: async () => ['v1', `token-${tries}`],
      headers: () => Promise.resolve({ cookie: `try=${tries}` }),
    })
    last().drops()
    await pass(1_000)
    expect(last().url).toBe('ws://host/2')
    expect(last().args).toEqual([['v1', 'token-2'], { headers: { cookie: 'try=2' } }])
  })

  it('make a failed try when they reject or throw', async () => {
    const expired = new Error('token expired')
    const { ws, sockets, state, pass } = await setup({
      url: () => {
        throw expired
      },
    })
    expect(state('waiting')).toMatchObject({ attempt: 1, error: expired })
    await pass(1_000)
    expect(state('waiting').attempt).toBe(2)
    expect(sockets).toHaveLength(0)
    ws.close()
  })

  it('come too late for a try that is over', async () => {
    const answers: ((url: string) => void)[] = []
    const url = () => new Promise<string>((resolve) => answers.push(resolve))
    const { sockets, pass, settle } = await setup({ url })
    await pass(5_000)
    await pass(1_000)
    answers[0]?.('ws://host/old')
    await settle()
    expect(sockets).toHaveLength(0)
    answers[1]?.('ws://host/new')
    await settle()
    expect(sockets.map((socket) => socket.url)).toEqual(['ws://host/new'])
  })

  it('fail too late for a try that is over, without harm to the next', async () => {
    const failures: ((error: Error) => void)[] = []
    const url = () => new Promise<string>((_, reject) => failures.push(reject))
    const { pass, settle, state } = await setup({ url })
    await pass(5_000)
    await pass(1_000)
    failures[0]?.(new Error('late'))
    await settle()
    expect(state('connecting').attempt).toBe(1)
  })

  it('come too late for a socket that has been closed', async () => {
    let reject = (_: Error): void => {}
    const { ws, settle, sockets, state } = await setup({
      url: () => new Promise((_, no) => (reject = no)),
    })
    ws.close()
    reject(new Error('late'))
    await settle()
    state('closed')
    expect(sockets).toHaveLength(0)
  })

  it('make a failed try when the constructor throws', async () => {
    const { state, clock } = await setup({
      WebSocket: class extends fakeWebSockets().WebSocket {
        constructor() {
          super()
          throw new SyntaxError('bad address')
        }
      },
    })
    expect(state('waiting')).toMatchObject({ code: 1006, text: 'SyntaxError: bad address' })
    expect(clock.pending).toBe(1)
  })
})
