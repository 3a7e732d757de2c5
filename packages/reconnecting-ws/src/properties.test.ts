import { seeded } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullJitter } from './schedules.ts'
import { type Setup, settle, setup } from './testing/setup.ts'

const ATTEMPTS = 5
const CAP_MS = 8_000

/** All that can happen to a socket, in any order. */
const acts: Record<string, (all: Setup) => unknown> = {
  opens: ({ last }) => last().alive && last().opens(),
  drops: ({ last }) => last().readyState < 3 && last().drops(),
  refuses: ({ last }) => last().readyState < 3 && last().drops(4404),
  speaks: ({ last }) => last().readyState === 1 && last().says('x'),
  dropsAnOldOne: ({ sockets }) => sockets[0]?.drops(4401),
  send: ({ ws }) => ws.send('x'),
  confirm: ({ ws }) => ws.confirm(),
  reconnect: ({ ws }) => ws.reconnect(),
  waitsALittle: ({ pass }) => pass(300),
  waits: ({ pass }) => pass(9_000),
  freezes: ({ clock }) => clock.freeze(60_000),
  sleeps: ({ clock }) => clock.suspend(60_000),
  hides: ({ page }) => page.hide(),
  shows: ({ page }) => page.show(),
  thaws: ({ page }) => page.fire('resume'),
  unplugs: ({ page }) => page.unplug(),
  plugsIn: ({ page }) => page.plugIn(),
}

const anyActs = fc.array(fc.constantFrom(...Object.keys(acts)), { maxLength: 40 })

/** A socket to which all that has happened, watched after every act. */
async function after(names: string[], watch: (all: Setup) => void): Promise<Setup> {
  const all = await setup({
    schedule: fullJitter({ capMs: CAP_MS, attempts: ATTEMPTS, random: seeded(names.length) }),
    url: async () => 'ws://host/',
    ping: { everyMs: 2_000, silenceMs: 5_000, make: () => 'ping' },
    hiddenGraceMs: 10_000,
  })
  for (const name of names) {
    await acts[name]?.(all)
    watch(all)
    await settle()
    watch(all)
  }
  return all
}

describe('whatever happens', () => {
  it('there are never two sockets alive, nor two timers', async () => {
    await fc.assert(
      fc.asyncProperty(anyActs, async (names) => {
        await after(names, ({ sockets, clock, ws }) => {
          const alive = sockets.filter((socket) => socket.alive)
          expect(alive.length).toBeLessThanOrEqual(1)
          expect(clock.pending).toBeLessThanOrEqual(1)
          if (ws.readyState === ws.CLOSED) expect([clock.pending, alive]).toEqual([0, []])
        })
      }),
    )
  })

  it('attempts stay within the schedule, and waits within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(anyActs, async (names) => {
        const { waits } = await after(names, ({ ws: { state } }) => {
          if ('attempts' in state) expect(state.attempt).toBeLessThanOrEqual(state.attempts)
          if (state.name === 'waiting') expect(state.attempt).toBeGreaterThanOrEqual(1)
        })
        for (const waitMs of waits) {
          expect(waitMs).toBeGreaterThanOrEqual(0)
          expect(waitMs).toBeLessThanOrEqual(CAP_MS)
        }
      }),
    )
  })

  it('after close() there is no timer, no open socket and no more news', async () => {
    await fc.assert(
      fc.asyncProperty(anyActs, anyActs, async (before, afterwards) => {
        const all = await after(before, () => {})
        all.ws.close()
        await settle()
        const heard = [...all.heard]
        for (const name of afterwards) await acts[name]?.(all)
        await all.pass(20_000)
        expect(all.clock.pending).toBe(0)
        expect(all.sockets.filter((socket) => socket.alive)).toEqual([])
        expect(all.ws.state.name).toBe('closed')
        expect(all.heard).toEqual(heard)
        expect(heard.filter((event) => event.startsWith('close')).length).toBeGreaterThan(0)
      }),
    )
  })

  it('it comes back once the world is well again, unless it has stopped', async () => {
    await fc.assert(
      fc.asyncProperty(anyActs, async (names) => {
        const all = await after(names, () => {})
        if (all.ws.readyState === all.ws.CLOSED) return
        all.page.plugIn()
        all.page.show()
        for (let i = 0; i < 20 && all.ws.readyState !== all.ws.OPEN; i++) {
          await all.settle()
          if (all.last().readyState === 0) all.last().opens()
          else await all.pass(3_000)
        }
        expect(all.ws.readyState).toBe(all.ws.OPEN)
      }),
    )
  })
})
