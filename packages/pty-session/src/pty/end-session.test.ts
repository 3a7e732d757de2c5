import { readFileSync } from 'node:fs'
import type { ProcessIdentity } from '@conductor/process-identity'
import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lives, testPtys } from '../testing/test-pty.ts'
import { createSessionEnder } from './end-session.ts'
import { membersOf, type SessionMember } from './session-processes.ts'

const testPty = testPtys(onTestFinished)

const member = (pid: number, more: Partial<SessionMember> = {}): SessionMember => ({
  pid,
  session: 100,
  terminal: 0,
  startTime: `${5_000 + pid}`,
  ...more,
})

describe('ending a session', () => {
  function session(...pids: number[]) {
    const clock = fakeClock()
    const alive = new Map(pids.map((pid) => [pid, member(pid)]))
    const log: string[] = []
    const continued: string[] = []
    const survivors: number[][] = []
    const obeys = new Map<number, string>()
    const ender = createSessionEnder({
      clock,
      members: () => [...alive.values()],
      signal({ pid }, signal) {
        if (signal === 'SIGCONT') {
          continued.push(`${pid} after ${log.at(-1)}`)
          return
        }
        log.push(`${clock.now()} ${pid} ${signal}`)
        if (obeys.get(pid) === signal) alive.delete(pid)
      },
      onSurvivors: (left) => survivors.push(left.map((each) => each.pid)),
    })
    return { clock, alive, log, continued, survivors, obeys, ender }
  }

  it('hangs up first, and is done when all have gone', async () => {
    const { clock, log, obeys, ender, survivors } = session(100, 101)
    obeys.set(100, 'SIGHUP').set(101, 'SIGHUP')
    const ended = ender.end(3_000)
    clock.advance(10)
    await ended
    expect(log).toEqual(['0 100 SIGHUP', '0 101 SIGHUP'])
    expect([survivors, clock.pending]).toEqual([[], 0])
  })

  it('asks after a third of the grace, and kills after all of it', async () => {
    const { clock, log, obeys, ender } = session(100, 101)
    obeys.set(100, 'SIGTERM').set(101, 'SIGKILL')
    const ended = ender.end(3_000)
    clock.advance(4_000)
    await ended
    const times = log.map((line) => [
      Math.floor(Number.parseInt(line, 10) / 100),
      line.replace(/^\d+ /, ''),
    ])
    expect(times).toEqual([
      [0, '100 SIGHUP'],
      [0, '101 SIGHUP'],
      [10, '100 SIGTERM'],
      [10, '101 SIGTERM'],
      [30, '101 SIGKILL'],
    ])
  })

  it('wakes those that are stopped, so that they hear of it', () => {
    const { clock, continued, ender } = session(100)
    void ender.end(3_000)
    clock.advance(2_000)
    expect(continued).toEqual(['100 after 0 100 SIGHUP', expect.stringMatching(/SIGTERM$/)])
  })

  it('kills at once without a grace', async () => {
    const { clock, log, obeys, ender } = session(100)
    obeys.set(100, 'SIGKILL')
    const ended = ender.end(0)
    clock.advance(10)
    await ended
    expect(log).toEqual(['0 100 SIGKILL'])
  })

  it('signals processes that appear on the way', async () => {
    const { clock, alive, log, obeys, ender } = session(100)
    const ended = ender.end(3_000)
    clock.advance(500)
    alive.set(102, member(102))
    obeys.set(102, 'SIGHUP').set(100, 'SIGTERM')
    clock.advance(1_000)
    await ended
    expect(log.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      '100 SIGHUP',
      '102 SIGHUP',
      '100 SIGTERM',
    ])
  })

  it('is over only when nobody is seen twice', async () => {
    const { clock, alive, ender } = session()
    let done = false
    void ender.end(3_000).then(() => {
      done = true
    })
    alive.set(103, member(103))
    clock.advance(100)
    await Promise.resolve()
    expect(done).toBe(false)
  })

  it('tells who is left after SIGKILL, and waits no longer', async () => {
    const { clock, survivors, ender } = session(100, 101)
    const ended = ender.end(1_000)
    clock.advance(3_100)
    await ended
    expect(survivors).toEqual([[100, 101]])
    expect(clock.pending).toBe(0)
  })

  it('is asked for twice: the shorter grace counts, and both wait for the same end', async () => {
    const { clock, log, obeys, ender } = session(100)
    obeys.set(100, 'SIGKILL')
    const first = ender.end(60_000)
    clock.advance(1_000)
    const second = ender.end(0)
    clock.advance(100)
    await Promise.all([first, second])
    expect(log.at(-1)).toMatch(/ 100 SIGKILL$/)
  })
})

describe('the members of a session', () => {
  const leader: ProcessIdentity = { pid: 100, startTime: '5100', bootId: 'b', host: 'h' }
  const pids = (all: SessionMember[], endedAt?: number, terminal?: number) =>
    membersOf(all, { leader, endedAt, terminal }).map((each) => each.pid)

  it('are those of its number, not older than its leader', () => {
    expect(
      pids([member(100), member(101), member(7, { startTime: '20' }), member(9, { session: 9 })]),
    ).toEqual([100, 101])
  })

  it('are also those that have its terminal, while we hold it', () => {
    const taker = member(150, { session: 150, terminal: 34_817 })
    expect(pids([member(100), taker], undefined, 34_817)).toEqual([100, 150])
    expect(pids([member(100), taker])).toEqual([100])
  })

  it('live on without their leader', () => {
    expect(pids([member(101), member(950)], 5_200)).toEqual([101, 950])
  })

  it('are nobody when the leader pid is somebody else now', () => {
    const reused = member(100, { startTime: '9000' })
    expect(pids([reused, member(101, { startTime: '9001' })], 5_200)).toEqual([])
  })

  it('are nobody when all of that number are younger than the leader end: another session has it', () => {
    expect(pids([member(101, { startTime: '9001' })], 5_200)).toEqual([])
  })
})

describe('ending real programs', () => {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number)

  it('leaves nobody alive: jobs, their children, and those that ignore SIGHUP and SIGTERM', async () => {
    const pty = testPty(
      `trap "" HUP TERM
       sleep 1001 & a=$!
       nohup sleep 1002 >/dev/null 2>&1 & b=$!
       sh -c 'sleep 1003 & echo $!; wait' &
       c=$!
       echo $a $b $c; echo ready; while :; do sleep 1004; done`,
    )
    await pty.said('ready')
    const pids = await until(() => {
      const found = numbers(pty.text)
      return found.length === 4 && found.every(lives) ? found : undefined
    })
    await pty.end({ graceMs: 150 })
    expect(pids.filter(lives)).toEqual([])
    expect(lives(pty.pid)).toBe(false)
    expect(await pty.exit).toMatchObject({ signal: 'SIGKILL' })
    expect(pty.notices).toEqual([])
  })

  it('leaves no job of an interactive shell alive, each in a group of its own', async () => {
    const pty = testPty('', { command: 'bash', args: ['--norc', '-i'] })
    await pty.type(
      'sleep 1001 & nohup sleep 1002 >/dev/null 2>&1 & sleep 1003 & kill -STOP $!; echo $(jobs -p) d"on"e\n',
    )
    await pty.said('done')
    const line = pty.text.match(/(\d+ ){3}done/)?.[0] ?? ''
    const pids = numbers(line)
    expect(pids.filter(lives).length).toBe(3)
    await pty.end({ graceMs: 1_000 })
    expect(pids.filter(lives)).toEqual([])
  })

  it('works after the program itself has ended', async () => {
    const pty = testPty('trap "" HUP TERM; sleep 1001 & echo $!')
    await pty.exit
    const [job = 0] = numbers(pty.text)
    expect(lives(job)).toBe(true)
    await pty.end({ graceMs: 50 })
    expect(lives(job)).toBe(false)
  })

  it('gives a program its time to end well', async () => {
    const pty = testPty(
      'trap "echo goodbye; exit 5" TERM; trap "" HUP; echo ready; while :; do sleep 0.01; done',
    )
    await pty.said('ready')
    await pty.end({ graceMs: 1_500 })
    expect(await pty.exit).toEqual({ code: 5, signal: undefined })
    expect(pty.text).toContain('goodbye')
  })

  it('has told of the exit when it is done, also when the tail takes its time', async () => {
    const calls: string[] = []
    const pty = testPty('echo ready; read line', { onExit: () => calls.push('exit') })
    await pty.said('ready')
    // Ctrl-S: the mark behind the last byte cannot be written.
    await pty.type('\x13')
    await pty.end({ graceMs: 1_000 })
    expect(calls).toEqual(['exit'])
  })

  it('is done without the exit while reading is paused', async () => {
    const pty = testPty('printf tail; exec sleep 1000')
    await until(() => readFileSync(`/proc/${pty.pid}/comm`, 'utf8') === 'sleep\n')
    pty.pause()
    await pty.end({ graceMs: 1_000 })
    pty.resume()
    await pty.exit
    expect(pty.text).toBe('tail')
  })

  it('spares a process that has begun a session of its own', async () => {
    const pty = testPty('setsid sleep 1001 & echo $!; read line')
    await pty.said('\n')
    const [away = 0] = numbers(pty.text)
    const statOf = () => readFileSync(`/proc/${away}/stat`, 'utf8')
    await until(() => statOf().includes(`(sleep) S`) && statOf().split(' ')[5] === `${away}`)
    await pty.end({ graceMs: 300 })
    expect(lives(away)).toBe(true)
    process.kill(away, 'SIGKILL')
  })
})
