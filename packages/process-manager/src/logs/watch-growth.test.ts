import { appendFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { watchGrowth } from './watch-growth.ts'

describe('a watch', () => {
  it('looks at once, then some ten times a second however much is written', async () => {
    const clock = fakeClock()
    const path = join(temporaryFolder(onTestFinished), 'log')
    writeFileSync(path, '')
    let looks = 0
    let grows = false
    const growth = watchGrowth(path, clock, () => {
      looks++
      return grows
    })
    onTestFinished(() => growth.close())
    expect(looks).toBe(1)
    grows = true
    appendFileSync(path, 'x')
    await until(() => looks === 2)
    // Nobody watches while it grows: only the clock makes it look.
    let heard = 0
    const other = watch(path, () => heard++)
    onTestFinished(() => other.close())
    for (let i = 0; i < 200; i++) appendFileSync(path, 'x')
    await until(() => heard > 0)
    expect(looks).toBe(2)
    clock.advance(10)
    expect(looks).toBe(3)
    clock.advance(150)
    expect(looks).toBe(6)
    clock.advance(1_000)
    expect(looks).toBe(16)
    grows = false
    clock.advance(100)
    const idle = looks
    clock.advance(60_000)
    expect(looks).toBe(idle)
    grows = true
    appendFileSync(path, 'x')
    await until(() => looks > idle)
  })

  it('looks each second where nothing can be watched', () => {
    const clock = fakeClock()
    let looks = 0
    const growth = watchGrowth(join(temporaryFolder(onTestFinished), 'none'), clock, () => {
      looks++
      return false
    })
    clock.advance(3_000)
    expect(looks).toBe(3)
    growth.close()
    clock.advance(3_000)
    expect(looks).toBe(3)
  })
})
