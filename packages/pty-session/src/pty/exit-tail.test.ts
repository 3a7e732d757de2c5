import { closeSync, constants, openSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { identifyProcess } from '@conductor/process-identity'
import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lives, testPtys } from '../testing/test-pty.ts'
import { createExitTail } from './exit-tail.ts'

const testPty = testPtys(onTestFinished)

describe('the end of a program', () => {
  it('loses no tail: 200 programs that say 20,480 bytes and end at once, 8 at a time', async () => {
    let left = 200
    const lengths = new Map<number, number>()
    const worker = async () => {
      while (left-- > 0) {
        const pty = testPty('head -c 20480 /dev/zero | tr "\\0" x')
        expect(await pty.exit).toEqual({ code: 0, signal: undefined })
        const { length } = pty.output
        lengths.set(length, (lengths.get(length) ?? 0) + 1)
        expect(pty.text).toMatch(/^x*$/)
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    expect([...lengths]).toEqual([[20_480, 200]])
  }, 60_000)

  it('loses no tail of a program that is killed', async () => {
    for (let round = 0; round < 20; round++) {
      const pty = testPty('printf "A%.0s" $(seq 1 9000); printf END; kill -9 $$')
      expect(await pty.exit).toEqual({ code: undefined, signal: 'SIGKILL' })
      expect(pty.text).toBe(`${'A'.repeat(9_000)}END`)
    }
  })

  it('waits for a pause that is held over it, and then still gives all of it', async () => {
    const pty = testPty('printf "A%.0s" $(seq 1 3000); printf END')
    pty.pause()
    // Ended, waited for, and known here: only then a few turns of the loop mean anything.
    await until(() => identifyProcess(pty.pid) === undefined)
    for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate)
    expect(pty.output.length).toBe(0)
    pty.resume()
    expect(await pty.exit).toEqual({ code: 0, signal: undefined })
    expect(pty.output.length).toBe(3_003)
    expect(pty.text.slice(-3)).toBe('END')
  })

  it('waits for pauses in the middle of the tail too', async () => {
    const pty = testPty('printf "A%.0s" $(seq 1 9000); printf END', {
      burstBytes: 1,
      onData() {
        pty.pause()
        setImmediate(() => setImmediate(() => pty.resume()))
      },
    })
    await pty.exit
    expect(pty.output.length).toBe(9_003)
  })

  it('comes after every byte, and nothing comes after it', async () => {
    const calls: string[] = []
    const pty = testPty('seq 1 5000; printf END', {
      onData: (chunk) => calls.push(chunk.toString('latin1')),
      onExit: () => calls.push('exit'),
    })
    await pty.exit
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
    expect(calls.at(-1)).toBe('exit')
    expect(calls.at(-2)).toMatch(/END$/)
  })

  it('does not wait for a background job that holds the terminal', async () => {
    const pty = testPty('trap "" HUP; sleep 1000 & echo $!; printf done')
    const startMs = performance.now()
    expect(await pty.exit).toMatchObject({ code: 0 })
    expect(performance.now() - startMs).toBeLessThan(900)
    expect(pty.text).toMatch(/^\d+\r\ndone$/)
    const job = Number.parseInt(pty.text, 10)
    expect(lives(job)).toBe(true)
    await pty.end({ graceMs: 300 })
    expect(lives(job)).toBe(false)
  })

  it('does not wait for a background job that never stops talking', async () => {
    const pty = testPty('trap "" HUP; yes & echo $!; exec printf done')
    expect(await pty.exit).toMatchObject({ code: 0 })
    expect(pty.text).toContain('done')
    expect(pty.text.replace(/\d+\r\n|done/g, '')).toMatch(/^[y\r\n]*$/)
  })

  it('comes, with the tail, on a terminal that was stopped by Ctrl-S', async () => {
    const pty = testPty('printf tail; exec sleep 1000')
    pty.pause()
    await until(() => readFileSync(`/proc/${pty.pid}/comm`, 'utf8') === 'sleep\n')
    const slave = openSync(
      readlinkSync(`/proc/${pty.pid}/fd/0`),
      constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK,
    )
    onTestFinished(() => closeSync(slave))
    await pty.type('\x13')
    // Stopped: whoever writes now has to wait.
    await until(() => {
      try {
        return writeSync(slave, '.') === 0
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
      }
    })
    pty.signal('SIGKILL')
    pty.resume()
    expect(await pty.exit).toEqual({ code: undefined, signal: 'SIGKILL' })
    expect(pty.text).toMatch(/^tail\.*$/)
  })

  it('comes when the terminal was hung up under the program', async () => {
    // A hang-up throws away what nobody has read yet: that is the kernel, and not what is tested here.
    const pty = testPty(
      `stty -echo; echo before; read go; exec perl -e '$SIG{HUP} = "IGNORE"; syscall(153) == 0 or exit 9; exit 3'`,
    )
    await pty.said('before')
    await pty.type('\n')
    const exit = await pty.exit
    expect(exit).toEqual({ code: 3, signal: undefined })
    expect(pty.text).toContain('before')
  })
})

describe('the mark behind the last byte', () => {
  function tail(script: (number | 'EAGAIN' | 'EIO')[]) {
    const clock = fakeClock()
    const said: string[] = []
    const written: Buffer[] = []
    let ended = 0
    const made = createExitTail({
      clock,
      write(bytes, offset) {
        const next = script.shift() ?? bytes.length
        if (typeof next === 'string') throw Object.assign(new Error(next), { code: next })
        const piece = bytes.subarray(offset, offset + next)
        written.push(Buffer.from(piece))
        return piece.length
      },
      onData: (chunk) => said.push(chunk.toString('latin1')),
      onEnd: () => ended++,
      afterReads: (callback) => clock.setTimeout(callback, 0),
    })
    return {
      clock,
      tail: made,
      mark: () => Buffer.concat(written),
      said: () => said.join(''),
      ended: () => ended,
    }
  }
  const bytes = (text: string) => Buffer.from(text)

  it('is 128 random bits, in letters that no terminal changes', () => {
    const [one, other] = [tail([]).mark(), tail([]).mark()]
    expect(one.toString()).toMatch(/^[0-9A-F]{32}$/)
    expect(one.equals(other)).toBe(false)
  })

  it('is found wherever reads cut it, and never given to anybody', () => {
    for (let cut = 1; cut < 32; cut++) {
      const t = tail([])
      t.tail.take(Buffer.concat([bytes('end'), t.mark().subarray(0, cut)]))
      expect(t.said()).toBe('end')
      t.tail.take(Buffer.concat([t.mark().subarray(cut), bytes('job')]))
      t.tail.take(bytes('later'))
      expect([t.said(), t.ended(), t.clock.pending]).toEqual(['end', 1, 0])
    }
  })

  it('is not seen in bytes that only begin like it', () => {
    const t = tail([])
    const begin = t.mark().subarray(0, 20)
    t.tail.take(begin)
    t.tail.take(Buffer.concat([begin, bytes('x')]))
    t.tail.take(t.mark())
    expect(t.said()).toBe(`${begin}${begin}x`)
    expect(t.ended()).toBe(1)
  })

  it('is tried again after each read and every 8 ms while the terminal is full', () => {
    const t = tail(['EAGAIN', 'EAGAIN', 'EAGAIN', 10, 'EAGAIN', 22])
    t.clock.advance(8)
    t.tail.take(bytes('a'))
    expect(t.mark().length).toBe(0)
    t.clock.advance(24)
    expect(t.mark().length).toBe(32)
    t.tail.take(t.mark())
    expect([t.said(), t.ended()]).toEqual(['a', 1])
  })

  it('is given up after 1 s, and then 100 ms of silence are the end', () => {
    const t = tail(Array<'EAGAIN'>(1_000).fill('EAGAIN'))
    t.clock.advance(950)
    t.tail.take(bytes('late'))
    t.clock.advance(90)
    expect(t.ended()).toBe(0)
    t.clock.advance(20)
    expect([t.said(), t.ended(), t.clock.pending]).toEqual(['late', 1, 0])
  })

  it('is given up at once on a terminal that was hung up', () => {
    const t = tail(Array<'EIO'>(1_000).fill('EIO'))
    t.tail.take(bytes('x'))
    t.clock.advance(99)
    expect(t.ended()).toBe(0)
    t.clock.advance(20)
    expect(t.ended()).toBe(1)
  })

  it('costs no more than 1 s of silence when a background job flushes it away', () => {
    const t = tail([])
    t.clock.advance(999)
    expect(t.ended()).toBe(0)
    t.clock.advance(20)
    expect(t.ended()).toBe(1)
  })

  it('is not waited for while reading is paused', () => {
    const t = tail(Array<'EAGAIN'>(2_000).fill('EAGAIN'))
    t.tail.pause()
    t.clock.advance(60_000)
    expect([t.ended(), t.clock.pending]).toEqual([0, 0])
    t.tail.resume()
    t.clock.advance(990)
    expect(t.ended()).toBe(0)
    t.clock.advance(20)
    expect(t.ended()).toBe(1)
  })

  it('leaves no piece of itself behind when only a piece could be written', () => {
    const t = tail([10, ...Array<'EAGAIN'>(2_000).fill('EAGAIN')])
    t.tail.take(Buffer.concat([bytes('end'), t.mark()]))
    t.clock.advance(1_200)
    expect([t.said(), t.ended()]).toEqual(['end', 1])
  })

  it('needs no silence after we were held up ourselves: what lies ready is read first', () => {
    const t = tail(Array<'EAGAIN'>(1_000).fill('EAGAIN'))
    t.clock.freeze(5_000)
    t.clock.setTimeout(() => t.tail.take(bytes('was ready')), 0)
    t.clock.advance(0)
    expect([t.said(), t.ended()]).toEqual(['was ready', 0])
  })

  it('is not needed any more once so much was read that nothing older can be left', () => {
    const t = tail(Array<'EAGAIN'>(1_000).fill('EAGAIN'))
    const block = Buffer.alloc(4_095, 'y')
    for (let index = 0; index < 40; index++) t.tail.take(block)
    expect([t.ended(), t.said().length]).toEqual([1, 33 * 4_095])
  })
})
