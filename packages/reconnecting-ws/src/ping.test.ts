import { describe, expect, it } from 'vitest'
import { setup } from './testing/setup.ts'

const ping = { everyMs: 10_000, silenceMs: 25_000, make: () => 'ping' }

async function opened(options: Parameters<typeof setup>[0] = {}) {
  const all = await setup({ ping, ...options })
  await all.opens()
  return all
}

describe('with ping', () => {
  it('asks when nothing has come in for everyMs, and only then', async () => {
    const { last, pass } = await opened()
    await pass(9_999)
    expect(last().sent).toEqual([])
    last().says('output')
    await pass(9_999)
    expect(last().sent).toEqual([])
    await pass(1)
    expect(last().sent).toEqual(['ping'])
  })

  it('gives up when nothing has come in for silenceMs', async () => {
    const { last, pass, state, sockets } = await opened()
    await pass(1_000)
    last().says('the last one')
    await pass(24_999)
    state('open')
    await pass(1)
    expect(state('waiting')).toMatchObject({ code: 1006, text: 'no answer' })
    expect(sockets[0]?.alive).toBe(false)
  })

  it('takes anything that comes in for an answer', async () => {
    const { last, pass, state } = await opened()
    for (let i = 0; i < 10; i++) {
      await pass(24_000)
      last().says('not a pong')
    }
    state('open')
  })

  it('keeps asking everyMs while the peer answers', async () => {
    const { clock, last, pass } = await opened()
    const askedAtMs: number[] = []
    while (clock.now() < 45_000) {
      await pass(50)
      if (last().sent.length === askedAtMs.length) continue
      askedAtMs.push(clock.now())
      await pass(100)
      last().says('pong')
    }
    expect(askedAtMs).toEqual([10_000, 20_100, 30_200, 40_300])
  })

  it('keeps pongs to itself when it can tell them', async () => {
    const { last, heard, pass, state } = await opened({
      ping: { ...ping, isPong: (data) => data === 'pong' },
    })
    await pass(10_000)
    last().says('pong')
    await pass(20_000)
    state('open')
    expect(heard).toEqual(['open'])
  })

  it('does not call it silence when our own timers were frozen, and asks', async () => {
    const { clock, last, pass, state } = await opened()
    await pass(1_000)
    clock.freeze(3_600_000)
    await pass(1)
    state('open')
    expect(last().sent).toEqual(['ping'])
    last().says('pong')
    await pass(20_000)
    state('open')
  })

  it('gives the peer a fresh window after a freeze, also when it was asked before', async () => {
    const { clock, last, pass, state } = await opened()
    await pass(10_000)
    expect(last().sent).toEqual(['ping'])
    clock.freeze(60_000)
    await pass(4_999)
    state('open')
    expect(last().sent).toEqual(['ping', 'ping'])
    await pass(1)
    state('waiting')
  })

  it('does not spare a silent peer for ever, where a browser makes every timer late', async () => {
    const { clock, pass, state } = await opened()
    for (let minute = 0; minute < 2; minute++) {
      state('open')
      clock.freeze(60_000)
      await pass(1)
    }
    state('waiting')
  })

  it('asks at once when it wakes up after the machine slept', async () => {
    const { clock, last, pass, state } = await opened()
    await pass(9_000)
    clock.suspend(8 * 3_600_000)
    await pass(1_000)
    expect(last().sent).toEqual(['ping'])
    await pass(4_999)
    state('open')
    await pass(1)
    state('waiting')
  })

  it('goes by times that a server announced meanwhile', async () => {
    let silenceMs = 25_000
    const { pass, state } = await opened({
      ping: {
        ...ping,
        get silenceMs() {
          return silenceMs
        },
      },
    })
    silenceMs = 12_000
    await pass(11_999)
    state('open')
    await pass(1)
    state('waiting')
  })
})

describe('without ping', () => {
  it('has no timer while it is open', async () => {
    const { clock, pass, state } = await opened({ ping: undefined })
    expect(clock.pending).toBe(0)
    await pass(60_000)
    state('open')
  })
})
