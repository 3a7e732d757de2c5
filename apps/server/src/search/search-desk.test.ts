import { describe, expect, it } from 'vitest'
import { createSearchDesk } from './search-desk.ts'

function visitors(running: number, waiting: number) {
  const desk = createSearchDesk(running, waiting)
  const turns: string[] = []
  return {
    turns,
    enter(name: string) {
      const place = desk.enter()
      place?.turn.then(() => turns.push(name))
      return place
    },
  }
}

describe('the desk of searches', () => {
  it('takes them in their order, as many as may run, and refuses those who cannot even wait', async () => {
    const { enter, turns } = visitors(2, 2)
    const [a, b] = [enter('a'), enter('b'), enter('c'), enter('d')]
    expect(enter('e')).toBeUndefined()
    await Promise.resolve()
    expect(turns).toEqual(['a', 'b'])
    b?.leave()
    b?.leave()
    await Promise.resolve()
    expect(turns).toEqual(['a', 'b', 'c'])
    a?.leave()
    await Promise.resolve()
    expect(turns).toEqual(['a', 'b', 'c', 'd'])
  })

  it('passes over those who went while they waited', async () => {
    const { enter, turns } = visitors(1, 2)
    const a = enter('a')
    enter('b')?.leave()
    enter('c')
    a?.leave()
    await Promise.resolve()
    expect(turns).toEqual(['a', 'c'])
  })
})
