import { createUser, type User } from '@conductor/browser'
import { ownMemoryBytes } from '@conductor/chaos/proc'
import { PASSWORD } from '@conductor/chaos/server-process'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DESK, SKIPPED, usePageWorld } from './page-world.ts'

const MIB = 1024 * 1024

describe.skipIf(SKIPPED)('a crowd', () => {
  const pages = usePageWorld()

  it('of five who look at one flood all come to the same screen, and the server holds little of it', async () => {
    const first = await pages.arrive()
    const { server, api } = pages.world
    const id = String((await api.list()).at(-1)?.id)
    const others = await Promise.all(
      Array.from({ length: 4 }, async (): Promise<User> => {
        const user = await createUser(pages.browser, server.url, { password: PASSWORD, ...DESK })
        onTestFinished(() => user.page.context().close())
        await user.logIn()
        await user.page.locator(`[data-session="${id}"] .session-open`).click()
        await user.sees(/[#$] *\n/)
        return user
      }),
    )
    const users = [first, ...others]
    const before = ownMemoryBytes(server.pid)
    let most = before
    let isOver = false
    const watching = until(
      () => {
        most = Math.max(most, ownMemoryBytes(server.pid))
        return isOver
      },
      { timeoutMs: 90_000, everyMs: 50 },
    )
    // 24 MiB, which nobody reads as fast as `yes` writes it.
    await first.type('yes "$(seq -s " " 20)" | head -c 25165824; echo; echo flood-$((40 + 2))-over')
    // Whoever is quicker does not wait for whoever is slower: each has 60 s from the same start.
    await Promise.all(users.map((user) => user.sees(/^flood-42-over/m, 60_000)))
    isOver = true
    await watching
    const screens = await Promise.all(users.map((user) => user.screen()))
    const [screen, ...same] = screens.map((text) => text.trimEnd())
    for (const other of same) expect(other).toBe(screen)
    for (const user of others) expect(user.complaints).toEqual([])
    // The flood itself, once for each, would be 120 MiB.
    expect((most - before) / MIB).toBeLessThan(96)
    await first.type('echo on-$((40 + 2))')
    await Promise.all(users.map((user) => user.sees(/^on-42/m)))
  }, 150_000)

  it('of 200 sessions in the list is scrolled, renamed and told of without the page standing still', async () => {
    const { page } = await pages.arrive()
    const { api } = pages.world
    const command = { command: 'sleep', args: ['1000'], durability: 'server' } as const
    const made: { readonly id: string }[] = []
    for (let n = 0; n < 200; n++) made.push(await api.create({ ...command, name: `session ${n}` }))
    await until(async () => (await page.locator('.session-row').count()) >= 200, {
      timeoutMs: 20_000,
    })
    await page.evaluate(`(() => {
      globalThis.long = []
      new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ entryTypes: ['longtask'] })
      globalThis.frames = 0
      const list = document.querySelector('.sidebar-list')
      const step = () => {
        frames++
        list.scrollTop = (list.scrollTop + 40) % (list.scrollHeight - list.clientHeight)
        requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })()`)
    const rename = (n: number, name: string) =>
      api.request('PUT', `/api/sessions/${made[n]?.id}`, { name })
    for (let n = 0; n < 200; n += 20)
      await Promise.all(Array.from({ length: 20 }, (_, at) => rename(n + at, `renamed ${n + at}`)))
    await until(
      async () => (await page.locator('.session-name', { hasText: /^renamed/ }).count()) === 200,
      {
        timeoutMs: 20_000,
      },
    )
    const [frames, long] = (await page.evaluate('[frames, long]')) as [number, number[]]
    // How many frames is a matter of the machine, and of the bench; that it never stands still is not.
    expect(frames).toBeGreaterThan(30)
    expect(Math.max(0, ...long)).toBeLessThan(500)
    for (const { id } of made) await api.remove(id)
    await until(async () => (await page.locator('.session-row').count()) < 10, {
      timeoutMs: 20_000,
    })
  }, 150_000)

  it('of lines, an hour of them, leaves the page as large as it was', async () => {
    const user = await pages.arrive()
    const { page } = user
    const browser = await page.context().newCDPSession(page)
    const heapBytes = async (): Promise<number> => {
      await browser.send('HeapProfiler.collectGarbage')
      const { usedSize } = await browser.send('Runtime.getHeapUsage')
      return usedSize
    }
    /** What a chatty program says in twenty minutes: 12,000 lines, more than are scrolled back to. */
    const write = async (turn: number): Promise<void> => {
      await user.type(
        `seq -f "%g of turn ${turn} and some more words" 12000; echo turn-${turn}-$((40 + 2))`,
      )
      await user.sees(new RegExp(`^turn-${turn}-42`, 'm'), 30_000)
    }
    await write(1)
    await write(2)
    const warm = await heapBytes()
    for (const turn of [3, 4, 5]) await write(turn)
    expect((await heapBytes()) - warm).toBeLessThan(4 * MIB)
    const { nodes } = await browser.send('Memory.getDOMCounters')
    expect(nodes).toBeLessThan(10_000)
  }, 150_000)
})
