import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutputGather } from './output-gather.ts'

function setup() {
  const written: Buffer[] = []
  let turns: Array<() => void> = []
  const world = { nowMs: 0, accepts: true }
  const gather = createOutputGather({
    write(bytes) {
      if (world.accepts) written.push(Buffer.from(bytes))
      return world.accepts
    },
    now: () => world.nowMs,
    afterReads: (callback) => void turns.push(callback),
  })
  return {
    world,
    gather,
    written,
    sizes: () => written.map((each) => each.length),
    turn() {
      const due = turns
      turns = []
      for (const callback of due) callback()
      return turns.length
    },
  }
}

const chunk = (bytes: number) => Buffer.alloc(bytes, 'x')

describe('output gather', () => {
  it('writes a small read at once, because it is somebody’s keystroke', () => {
    const { gather, sizes } = setup()
    gather.push(chunk(3))
    expect(sizes()).toEqual([3])
  })

  it('collects while bytes keep coming, and writes when a turn brings none', () => {
    const { gather, sizes, turn } = setup()
    gather.push(chunk(4_095))
    turn()
    gather.push(chunk(4_095))
    turn()
    expect(sizes()).toEqual([])
    turn()
    expect(sizes()).toEqual([8_190])
  })

  it('writes a full block at once', () => {
    const { gather, sizes } = setup()
    for (let i = 0; i < 33; i++) gather.push(chunk(4_096))
    expect(sizes()).toEqual([131_072])
    expect(gather.pendingBytes).toBe(4_096)
  })

  it('lets no byte wait over 2 ms for company', () => {
    const { gather, sizes, turn, world } = setup()
    gather.push(chunk(4_095))
    world.nowMs = 2
    gather.push(chunk(10))
    turn()
    expect(sizes()).toEqual([4_105])
  })

  it('arms nothing once all is written', () => {
    const { gather, turn } = setup()
    gather.push(chunk(4_095))
    turn()
    turn()
    expect(turn()).toBe(0)
  })

  it('loses and reorders nothing, whatever is refused meanwhile', () => {
    const step = fc.oneof(
      fc.record({ push: fc.uint8Array({ minLength: 1, maxLength: 180_000 }) }),
      fc.constantFrom({ turn: true }, { accept: true }, { refuse: true }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { gather, written, turn, world } = setup()
        const pushed: Uint8Array[] = []
        for (const each of steps) {
          if ('push' in each) {
            gather.push(Buffer.from(each.push))
            pushed.push(each.push)
          } else if ('turn' in each) turn()
          else world.accepts = 'accept' in each
        }
        world.accepts = true
        gather.flush()
        expect(Buffer.concat(written).equals(Buffer.concat(pushed))).toBe(true)
        expect(gather.pendingBytes).toBe(0)
      }),
    )
  })
})
