import type { LogReader } from '@conductor/pty-session'
import { describe, expect, it } from 'vitest'
import { fakeSession } from '../testing/fake-session.ts'
import { chainLogs, RESTART_MARK, withHistory } from './chained-log.ts'

const MARK = RESTART_MARK.toString()

function logOf(text: string) {
  const session = fakeSession('x', `epoch of ${text}`)
  session.prints(text)
  return session
}

/** Everything from `from` on, in order, with gaps as they are told. */
function readAll(log: LogReader, from = 0): string {
  let text = ''
  for (let offset = from; ; ) {
    const read = log.read(offset)
    if (read.kind === 'end') return text
    if (read.kind === 'gap') {
      text += `[gap ${read.from}-${read.to}]`
      offset = read.to
      continue
    }
    expect(read.offset).toBe(offset)
    text += read.buffer.toString('utf8', read.start, read.end)
    offset += read.end - read.start
    read.release()
  }
}

describe('the history over several programs', () => {
  it('is one, from any offset on, with a mark between two', () => {
    const current = logOf('third')
    const log = chainLogs([logOf('first').log, logOf('second').log], current.log)
    const whole = `first${MARK}second${MARK}third`
    expect(log.epoch).toBe('epoch of third')
    expect([log.start, log.end]).toEqual([0, whole.length])
    for (let from = 0; from <= whole.length; from++)
      expect(readAll(log, from)).toBe(whole.slice(from))
    current.prints(' and more')
    expect(readAll(log, whole.length)).toBe(' and more')
  })

  it('says what the cap dropped of the first, and forgets it when the last one drops', () => {
    const first = logOf('0123456789')
    const last = logOf('abcdef')
    first.drops(4)
    const log = chainLogs([first.log], last.log)
    expect(log.start).toBe(4)
    expect(readAll(log)).toBe(`[gap 0-4]456789${MARK}abcdef`)
    last.drops(2)
    const start = 10 + MARK.length + 2
    expect(log.start).toBe(start)
    expect(readAll(log)).toBe(`[gap 0-${start}]cdef`)
  })

  it('gives the same block for the same bytes, because viewers share their headers', () => {
    const log = chainLogs([logOf('a').log], logOf('b').log)
    const at = log.end - 1
    expect(log.read(at)).toBe(log.read(at))
  })

  it('ends where the program ended, counted from its beginning', () => {
    const session = logOf('new')
    const whole = withHistory(session, [logOf('old').log])
    const states: object[] = []
    whole.subscribe((event) => event.type === 'state' && states.push(event.state))
    session.exits(0)
    expect(states).toMatchObject([{ exit: { offset: whole.log.end } }])
    expect(whole.state).toMatchObject({ name: 'exited', exit: { code: 0, offset: whole.log.end } })
  })
})
