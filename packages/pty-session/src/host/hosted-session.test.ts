import { join } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSessionLog } from '../log/session-log.ts'
import { createHostedSession } from './hosted-session.ts'
import type { HostedSession, ToHost } from './messages.ts'

function setup() {
  const logDir = join(temporaryFolder(onTestFinished), 'log')
  const log = createSessionLog({ dir: logDir, epoch: 'e', maxBytes: 1 << 20, fsync: 'never' })
  onTestFinished(() => log.close())
  const hosted: HostedSession = {
    index: 1,
    id: 'one',
    pid: process.pid,
    identity: identifySelf(),
    logDir,
    epoch: 'e',
    start: 0,
    end: 0,
    size: { cols: 80, rows: 24 },
    state: { name: 'running' },
  }
  const sent: ToHost[] = []
  const world = { linked: true }
  const control = createHostedSession(hosted, {
    send(message) {
      if (world.linked) sent.push(message)
      return world.linked
    },
    ask: () => Promise.reject(new Error('not asked here')),
  })
  const type = (seq: number) =>
    control.session.input({ clientId: 'a', seq, bytes: Uint8Array.of(seq) })
  const seqs = () => sent.flatMap((each) => (each.type === 'input' ? [each.seq] : []))
  return { log, hosted, control, world, type, seqs }
}

describe('hosted session', () => {
  it('says again, in order, what a lost link left unconfirmed', async () => {
    const { hosted, control, world, type, seqs } = setup()
    const first = type(1)
    const second = type(2)
    control.receive({ type: 'typed', index: 1, clientId: 'a', seq: 1 })
    await first
    world.linked = false
    control.unlinked()
    expect(control.session.state.name).toBe('unreachable')
    const third = type(3)
    world.linked = true
    control.resync(hosted)
    expect(control.session.state.name).toBe('running')
    expect(seqs()).toEqual([1, 2, 2, 3])
    control.receive({ type: 'typed', index: 1, clientId: 'a', seq: 2 })
    control.receive({ type: 'typed', index: 1, clientId: 'a', seq: 3 })
    await Promise.all([second, third])
    expect(control.session.inputBacklogBytes).toBe(0)
  })

  it('confirms a number that came twice to both who sent it', async () => {
    const { control, type, seqs } = setup()
    const both = [type(1), type(1)]
    expect(seqs()).toEqual([1])
    control.receive({ type: 'typed', index: 1, clientId: 'a', seq: 1 })
    await Promise.all(both)
  })

  it('finds the exit in the log when the host went while the link was down', () => {
    const { log, control } = setup()
    log.append(Buffer.from('last words'))
    log.recordExit({ code: 4, signal: undefined })
    control.unlinked()
    control.ended()
    expect(control.session.state).toEqual({
      name: 'exited',
      exit: { code: 4, signal: undefined, offset: 10 },
    })
    expect(control.session.log.end).toBe(10)
  })

  it('is lost, not exited, when the log knows of no exit', () => {
    const { log, control } = setup()
    log.append(Buffer.from('last words'))
    control.ended()
    expect(control.session.state.name).toBe('lost')
    expect(control.session.log.end).toBe(10)
  })

  it('refuses what was typed and not confirmed when the program is gone', async () => {
    const { control, type } = setup()
    const typed = type(1)
    control.receive({
      type: 'state',
      index: 1,
      state: { name: 'exited', exit: { code: 0, signal: undefined, offset: 0 } },
    })
    await expect(typed).rejects.toMatchObject({ code: 'ENDED' })
    await expect(type(2)).rejects.toMatchObject({ code: 'ENDED' })
  })
})
