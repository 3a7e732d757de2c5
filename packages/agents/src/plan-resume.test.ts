import { describe, expect, it } from 'vitest'
import { createAgents } from './create-agents.ts'
import type { SavedSession } from './plan-resume.ts'

const OLD = '0b6a6d3e-1111-4222-8333-444455556666'
const NEW = '1b6a6d3e-1111-4222-8333-444455556666'
const agents = createAgents({ newSessionId: () => NEW })
const place = { cwd: '/work/app', home: '/home/ann', env: {} }

const resume = (saved: Partial<SavedSession>, id = 'claude-code') =>
  agents.planResume(id, { kind: 'worker', ...place, ...saved })

describe('the order of a restore', () => {
  it('is the agent itself first, where its transcript is there', () => {
    const plan = resume({ sessionId: OLD, prompt: 'fix it', transcript: 'found' })
    expect(plan).toMatchObject({
      kind: 'native',
      isPromised: true,
      launch: { sessionId: OLD, args: ['--resume', OLD] },
    })
    expect(plan).not.toHaveProperty('otherwise')
  })

  it('is the saved prompt next, in a session with a new id', () => {
    const plan = resume({ sessionId: OLD, prompt: 'fix it', transcript: 'absent' })
    expect(plan).toMatchObject({
      kind: 'prompt',
      launch: { sessionId: NEW, args: ['--session-id', NEW], typed: {}, promptVisible: false },
    })
  })

  it('is a fresh start for an orchestrator', () => {
    const plan = resume({ kind: 'orchestrator', sessionId: OLD, transcript: 'absent' })
    expect(plan).toMatchObject({ kind: 'fresh', launch: { args: ['--session-id', NEW] } })
    expect(plan).not.toHaveProperty('launch.delivery')
  })

  it('ends there for a worker', () => {
    expect(resume({ sessionId: OLD, transcript: 'absent' })).toEqual({
      kind: 'not-resumable',
      code: 'SESSION_NOT_RESUMABLE',
      reason: `claude-code has no transcript of ${OLD}, and no prompt was saved`,
    })
  })

  it('prefers the saved prompt to a fresh start for an orchestrator too', () => {
    const plan = resume({ kind: 'orchestrator', prompt: 'lead', transcript: 'absent' })
    expect(plan).toMatchObject({ kind: 'prompt' })
  })
})

describe('a transcript of which nothing is known', () => {
  it.each([{}, { transcript: 'unknown' as const }])('is no reason to give up: %j', (transcript) => {
    expect(resume({ sessionId: OLD, ...transcript })).toMatchObject({
      kind: 'native',
      isPromised: false,
      refusedIf: 'No conversation found with session ID',
      otherwise: { kind: 'not-resumable', reason: expect.stringContaining('did not resume') },
    })
  })

  it('comes with what to do if the agent refuses', () => {
    const plan = resume({ sessionId: OLD, prompt: 'fix it' })
    expect(plan).toMatchObject({ isPromised: false, otherwise: { kind: 'prompt' } })
  })
})

describe('a session', () => {
  it('whose id was never learned starts from its prompt', () => {
    expect(resume({ prompt: 'fix it' }, 'codex')).toMatchObject({ kind: 'prompt' })
    expect(resume({}, 'codex')).toMatchObject({
      reason: 'the session id of codex was never learned, and no prompt was saved',
    })
  })

  it('of a shell stays ended, and its command does not run again', () => {
    expect(resume({ prompt: 'make deploy', sessionId: OLD }, 'shell')).toMatchObject({
      kind: 'not-resumable',
      reason: 'shell cannot resume, and shell takes no prompt',
    })
    expect(resume({ kind: 'orchestrator' }, 'shell')).toMatchObject({ kind: 'fresh' })
  })

  it('is resumed even if its saved prompt could not be typed any more', () => {
    const plan = resume({ sessionId: OLD, prompt: '\u001b', transcript: 'found' })
    expect(plan).toMatchObject({ kind: 'native' })
  })

  it.each(['--dangerous', '../../etc', 'a*', '', 'a b'])(
    'is no option, path or pattern: %j',
    (id) => {
      expect(() => resume({ sessionId: id, transcript: 'found' }, 'codex')).toThrow('BAD_OPTION')
    },
  )
})
