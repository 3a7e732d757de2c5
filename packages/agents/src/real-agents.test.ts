import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { createAgents } from './create-agents.ts'
import type { LaunchPlan } from './plan.ts'

/** Nothing listens there: the agents start, and reach nobody. */
const NOWHERE = 'http://127.0.0.1:9'
const ABSENT = '11111111-2222-4333-8444-555555555555'
const agents = createAgents()

/** Where an agent really is; else the test is skipped, and says why. */
function installed(id: string, skip: TestContext['skip']) {
  const { PATH = '' } = process.env
  const [name = ''] = agents.get(id).commands
  const command = PATH.split(delimiter)
    .map((dir) => join(dir, name))
    .find(existsSync)
  if (command === undefined) return skip(`${name} is not installed: put it in PATH to test with it`)
  const folder = temporaryFolder(onTestFinished)
  const [home, cwd] = [join(folder, 'home'), join(folder, 'w d.x_ü😀')]
  mkdirSync(home)
  mkdirSync(cwd)
  const env = {
    PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    ANTHROPIC_API_KEY: 'none',
    ANTHROPIC_BASE_URL: NOWHERE,
    CLAUDE_CODE_MAX_RETRIES: '0',
    GEMINI_API_KEY: 'none',
    GOOGLE_GEMINI_BASE_URL: NOWHERE,
  }
  return { command, place: { cwd, home, env } }
}

/** All that it says, until it ends, or for 20 seconds. */
function output(command: string, { args, cwd, env }: LaunchPlan, input = ''): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: 20_000, killSignal: 'SIGKILL' } as const
    const child = execFile(command, args, options, (_, stdout, stderr) => resolve(stdout + stderr))
    child.stdin?.end(input)
  })
}

describe('the real program', () => {
  it.for<[string, string[], string[]]>([
    ['claude-code', [], ['--session-id', '--resume']],
    ['codex', [], ['resume', '[PROMPT]', '--config']],
    ['codex', ['resume'], ['[SESSION_ID]']],
    ['opencode', [], ['--session', '--prompt']],
    ['gemini', [], ['--session-id', '--resume', '--prompt-interactive']],
    ['aider', [], ['--chat-history-file', '--restore-chat-history', '--no-check-update']],
  ])('of %s knows its options (%j)', async ([id, words, flags], { skip }) => {
    const { command, place } = installed(id, skip)
    const plan = { ...agents.planLaunch(id, place), args: [...words, '--help'] }
    const help = await output(command, plan)
    expect(flags.filter((flag) => !help.includes(flag))).toEqual([])
  })

  it('of Claude Code leaves its transcript where it is looked for, and resumes from it', async ({
    skip,
  }) => {
    const { command, place } = installed('claude-code', skip)
    const extraArgs = ['--print']
    const launch = agents.planLaunch('claude-code', { ...place, extraArgs })
    const { sessionId = '' } = launch
    const before = await agents.findTranscript('claude-code', { ...place, sessionId })
    expect(before).toMatchObject({ kind: 'absent' })
    await output(command, launch, 'hello')
    const transcript = await agents.findTranscript('claude-code', { ...place, sessionId })
    expect(transcript).toMatchObject({ kind: 'found' })
    expect(await output(command, launch, 'hello')).toContain('already in use')
    const saved = { ...place, extraArgs, kind: 'worker', sessionId, transcript: 'found' } as const
    const resume = agents.planResume('claude-code', saved)
    if (resume.kind !== 'native') throw new Error(resume.kind)
    expect(await output(command, resume.launch, 'more')).not.toContain(resume.refusedIf)
  })

  it.for(['claude-code', 'gemini'])(
    'of %s says so when it has no such session',
    async (id, { skip }) => {
      const { command, place } = installed(id, skip)
      const extraArgs = id === 'gemini' ? ['--skip-trust', '--prompt=hello'] : ['--print']
      const saved = { ...place, extraArgs, kind: 'worker', sessionId: ABSENT } as const
      const resume = agents.planResume(id, saved)
      if (resume.kind !== 'native') throw new Error(resume.kind)
      expect(await output(command, resume.launch, 'hello')).toContain(resume.refusedIf)
    },
  )
})
