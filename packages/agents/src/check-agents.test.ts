import { describe, expect, it } from 'vitest'
import type { AgentConfig } from './agent-spec.ts'
import { createAgents } from './create-agents.ts'

const place = { cwd: '/work', home: '/home/ann', env: {} }
const whole: AgentConfig = {
  id: 'robot',
  name: 'Robot',
  commands: ['robot'],
  session: { kind: 'none' },
}

describe('an agent of a config', () => {
  it('is added, as parsed from JSON', () => {
    const extra = JSON.parse(JSON.stringify([{ ...whole, args: ['-v', '{"a": 1}', '{cwd}'] }]))
    const { args } = createAgents({ extra }).planLaunch('robot', place)
    expect(args).toEqual(['-v', '{"a": 1}', '/work'])
  })

  it('extends a known one, and is resumed with the same arguments', () => {
    const agents = createAgents({
      extra: [
        { id: 'opus', extends: 'claude-code', name: 'Opus', args: ['--model', 'opus'] },
        { id: 'opus-plan', extends: 'opus', commands: ['/opt/claude'] },
      ],
      newSessionId: () => '0b6a6d3e-1111-4222-8333-444455556666',
    })
    const { args, sessionId = '', commands } = agents.planLaunch('opus-plan', place)
    expect(args).toEqual(['--model', 'opus', '--session-id', sessionId])
    expect(commands).toEqual(['/opt/claude'])
    const saved = { ...place, kind: 'worker', sessionId, transcript: 'found' } as const
    expect(agents.planResume('opus-plan', saved)).toMatchObject({
      launch: { args: ['--model', 'opus', '--resume', sessionId] },
    })
  })

  it('takes the place of a known one, and is not changed by its config any more', () => {
    const args = ['--yes']
    const agents = createAgents({ extra: [{ id: 'aider', extends: 'codex', args }] })
    args.push('--no')
    expect(agents.get('aider')).toMatchObject({ commands: ['codex'], args: ['--yes'] })
    expect(agents.list().filter(({ id }) => id === 'aider')).toHaveLength(1)
  })
})

describe('a config that cannot be meant is refused with its field and the fix:', () => {
  const typed = { kind: 'after-start', paste: 'bracketed' }
  it.each<[string, unknown, string]>([
    [
      'a line for a shell',
      { launch: 'robot --fast' },
      'robot.launch is no list of texts: write ["…", "…"], one for each argument',
    ],
    [
      'an unknown placeholder',
      { launch: ['{sesionId}'] },
      'robot.launch has {sesionId}, which is not known here: use {args}, {sessionId}, {cwd}, {home}',
    ],
    [
      'a placeholder of another field',
      { launch: ['{prompt}'] },
      'robot.launch has {prompt}, which is not known here',
    ],
    [
      'a secret for everybody to read',
      { args: ['--key={env:API_KEY}'] },
      'robot.args has {env:API_KEY}, which everybody could read: the agent has the environment, or use env.set',
    ],
    [
      '{args} within an argument',
      { launch: ['-x={args}'] },
      'robot.launch has {args}, which stands alone: make it one argument',
    ],
    ['{args} in itself', { args: ['{args}'] }, 'robot.args has {args}, which is not known here'],
    ['an unknown field', { lunch: [] }, 'robot.lunch is no field: leave it out, or write id, name'],
    ['a field that every object has', { constructor: [] }, 'robot.constructor is no field'],
    [
      'a missing field',
      { commands: undefined },
      'robot.commands is missing: write it, or extend an agent',
    ],
    ['no command', { commands: [] }, 'robot.commands is empty'],
    [
      'a command of a session',
      { commands: ['{sessionId}'] },
      'robot.commands has {sessionId}, which is not known here',
    ],
    ['a NUL', { args: ['a\0b'] }, 'robot.args is no list of texts'],
    [
      'a name for people as an id',
      { id: 'My Robot' },
      'My Robot.id is no name: write lower-case letters',
    ],
    [
      'an unknown base',
      { extends: 'cluade' },
      'robot.extends names no agent: pick one of claude-code, codex',
    ],
    [
      'an unknown kind of ids',
      { session: { kind: 'uuid' } },
      'robot.session.kind is unknown: write pinned, reported, none',
    ],
    [
      'an id that is pinned nowhere',
      { session: { kind: 'pinned' } },
      'robot.launch has no {sessionId}, but session.kind is pinned',
    ],
    [
      'an id that is not pinned',
      { launch: ['{sessionId}'] },
      'robot.launch has {sessionId}, but session.kind is not pinned',
    ],
    ['a resume of anything', { resume: ['--last'] }, 'robot.resume has no {sessionId}: add it'],
    [
      'a resume without ids',
      { resume: ['{sessionId}'] },
      'robot.resume needs an id, but session.kind is none',
    ],
    [
      'an unknown way to take a prompt',
      { prompt: [{ kind: 'mail' }] },
      'robot.prompt[0].kind is unknown: write after-start, stdin, file, argument',
    ],
    [
      'an argument without the prompt',
      { prompt: [{ kind: 'argument', args: ['-p'] }] },
      'robot.prompt[0].args does not have {prompt}',
    ],
    [
      'a file that shows the prompt',
      { prompt: [{ kind: 'file', args: ['{promptFile}', '{prompt}'] }] },
      'robot.prompt[0].args has {prompt}, which is not known here',
    ],
    [
      'a typed prompt without its way',
      { prompt: [{ kind: 'after-start' }] },
      'robot.prompt[0].paste is unknown',
    ],
    ['the same way twice', { prompt: [typed, typed] }, 'robot.prompt[1] is there twice'],
    [
      'arguments for what is typed',
      { prompt: [{ ...typed, args: ['{prompt}'] }] },
      'robot.prompt[0].args is not for after-start',
    ],
    [
      'a path out of the root',
      { transcript: { roots: ['{home}'], path: '../{sessionId}' } },
      'robot.transcript.path is no path below the root',
    ],
    [
      'no root',
      { transcript: { roots: [], path: 'a' } },
      'robot.transcript.roots is no list of folders',
    ],
    [
      'a wait without end',
      { ready: { output: '>', timeoutMs: null } },
      'robot.ready.timeoutMs is no time',
    ],
    [
      'a variable that is none',
      { env: { set: { 'A B': 'x' } } },
      'robot.env.set is no list of variables',
    ],
    [
      'a variable that is a number',
      { env: { set: { A: 1 } } },
      'robot.env.set is no list of variables',
    ],
  ])('%s', (_, part, message) => {
    // As it comes from a file, of which nobody knows what is in it.
    const extra = [{ ...whole, ...(part as object) }] as AgentConfig[]
    expect(() => createAgents({ extra })).toThrow(message)
  })

  it('every fault at once', () => {
    const extra = [{ ...whole, lunch: [], args: 'x' }, null] as unknown as AgentConfig[]
    expect(() => createAgents({ extra })).toThrow(
      /^\[agents\/BAD_SPEC\] robot\.lunch .*\nrobot\.args .*\nagents\[1\] is no object: write/,
    )
    expect(() => createAgents({ extra: {} as AgentConfig[] })).toThrow('extra is no list')
  })
})
