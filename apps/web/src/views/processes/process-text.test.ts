import type { DeathJson, ProcessJson, WhyJson } from '@conductor/api-types'
import { describe, expect, it } from 'vitest'
import { linePath } from './line-path.ts'
import { processOf } from './process-testing.ts'
import {
  checkText,
  commandText,
  countsText,
  groupsOf,
  healthOf,
  portsOf,
  probeText,
  readyText,
  stateOf,
  uptimeText,
} from './process-text.ts'
import { sentences, tallyText } from './why-text.ts'

const NOW = Date.parse('2026-01-01T01:00:00.000Z')

describe('a process in words', () => {
  it.each<[Partial<ProcessJson>, string, string]>([
    [{}, 'running', 'good'],
    [{ ready: false }, 'running, not ready', 'warn'],
    [{ phase: 'waiting' }, 'waiting', 'busy'],
    [{ phase: 'starting' }, 'starting', 'busy'],
    [{ phase: 'stopping' }, 'stopping', 'busy'],
    [{ phase: 'stopped' }, 'stopped', 'idle'],
    [{ phase: 'failed' }, 'given up', 'danger'],
    [{ phase: 'backoff', nextTryAt: '2026-01-01T01:00:04.200Z' }, 'failed, tries in 4 s', 'warn'],
    [{ phase: 'backoff', nextTryAt: '2026-01-01T00:59:00.000Z' }, 'failed, tries now', 'warn'],
  ])('%j is %s', (over, word, tone) => {
    expect(stateOf(processOf('web', over), NOW)).toEqual({ word, tone })
  })

  it.each<[Partial<ProcessJson>, string]>([
    [{ phase: 'stopped' }, '–'],
    [{}, 'no check'],
    [{ spec: { name: 'x', command: 'x', liveness: { probe: { kind: 'tcp' } } } }, 'passes'],
    [{ failedHealthChecks: 1 }, '1 failed check'],
    [{ failedHealthChecks: 2 }, '2 failed checks'],
    [{ ready: false }, 'not ready'],
  ])('%j is as healthy as %s', (over, word) => {
    expect(healthOf(processOf('web', over)).word).toBe(word)
  })

  it('has been up for as long as it runs', () => {
    expect(uptimeText(processOf('web'), NOW)).toBe('1 h')
    expect(uptimeText(processOf('web', { pid: undefined }), NOW)).toBe('–')
  })

  it('listens where it is looked at', () => {
    const http = { probe: { kind: 'http', url: 'http://h:3000/x' } }
    const liveness = { probe: { kind: 'tcp', port: 80 } }
    const ready = { kind: 'check', check: http } as const
    expect(portsOf({ name: 'x', command: 'x', ready, liveness, readiness: http })).toEqual([
      80, 3000,
    ])
    const tls = { probe: { kind: 'http', url: 'https://h/' } }
    const odd = { probe: { kind: 'http', url: 'not one' } }
    expect(portsOf({ name: 'x', command: 'x', liveness: tls, readiness: odd })).toEqual([443])
  })

  it('says what is looked at', () => {
    expect(probeText({ kind: 'tcp', port: 1 })).toBe('tcp 127.0.0.1:1')
    expect(probeText({ kind: 'unix', path: '/s' })).toBe('socket /s')
    expect(probeText({ kind: 'exec', command: 'a', args: ['b'] })).toBe('runs a b')
    expect(probeText({ kind: 'heartbeat', path: '/h' })).toBe('heartbeat /h')
    expect(probeText({ kind: 'new' })).toBe('new')
    const check = { probe: { kind: 'http', url: 'u' }, periodMs: 5_000, failureThreshold: 3 }
    expect(checkText(check)).toBe('GET u, every 5 s, 3 failures in a row')
  })

  it('says what makes it ready', () => {
    const spec = { name: 'x', command: 'x' }
    expect(readyText(spec)).toBe('as soon as it runs')
    expect(readyText({ ...spec, ready: { kind: 'log', pattern: '^up' } })).toContain('^up')
    expect(readyText({ ...spec, ready: { kind: 'delay', delayMs: 2_000 } })).toBe('after 2 s')
  })

  it('has a command line that a person could type', () => {
    expect(commandText({ name: 'x', command: 'sh', args: ['-c', "echo 'a b'"] })).toBe(
      `sh -c 'echo '\\''a b'\\'''`,
    )
  })

  it('is counted with the others', () => {
    const all = [
      processOf('a', { spec: { name: 'a', command: 'x', groups: ['g', 'h'] } }),
      processOf('b', { phase: 'failed', spec: { name: 'b', command: 'x', groups: ['h'] } }),
    ]
    expect(countsText(all)).toBe('1 running, 1 given up')
    expect(groupsOf(all)).toEqual(['g', 'h'])
  })
})

const death = (text: string): DeathJson => ({
  ...{ at: '', name: 'web', exit: { kind: 'code' }, text, decision: '', lastLines: [] },
})

describe('why it is so', () => {
  it('is told in sentences, less what the tally tells better', () => {
    const why: WhyJson = {
      ...{ name: 'web', phase: 'running', blockedBy: [], nextDelays: [] },
      text: ['it runs', 'last end: now: x', '  | line', 'evil \u202etext'],
    }
    expect(sentences(why)).toEqual(['It runs.', 'Evil ·text.'])
  })

  it('counts how often it ended, and how', () => {
    const ends = [death('exited with code 1'), death('was killed'), death('exited with code 1')]
    expect(tallyText(ends)).toBe('3 ends: 2 × exited with code 1, 1 × was killed')
    expect(tallyText([death('x')])).toBe('1 end: 1 × x')
  })
})

describe('a line of values', () => {
  const size = { width: 10, height: 12 }
  it('fills the width, and its top is no less than it is told', () => {
    expect(linePath([0, 10, 5], 10, size)).toBe('M0 11L5 1L10 6')
    expect(linePath([0, 1], 10, size)).toBe('M0 11L10 10')
    expect(linePath([0, 10], 5, size, true)).toBe('M0 11L10 1L10 12L0 12Z')
  })

  it('needs two, and shows the newest', () => {
    expect(linePath([], 1, size)).toBe('')
    expect(linePath([1], 1, size)).toBe('')
    expect(linePath([99, ...Array(40).fill(0)], 1, size)).not.toContain(' 1L')
  })
})
