import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { processesIn, signalAll, temporaryFolder, until } from '@conductor/testing'
import { afterAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { createAgents } from './create-agents.ts'
import type { LaunchPlan } from './plan.ts'

/** Nothing listens there: the agents start, and reach nobody. */
const NOWHERE = 'http://127.0.0.1:9'
const ABSENT = '11111111-2222-4333-8444-555555555555'
const agents = createAgents()

/** The latest ones that npm installs without running a script of theirs, for who asks for it: some 300 MB. */
const PACKAGES: Readonly<Record<string, string>> = {
  codex: '@openai/codex',
  gemini: '@google/gemini-cli',
}
const INSTALL_TIMEOUT_MS = 300_000
const MAY_INSTALL = process.env['CONDUCTOR_INSTALL_AGENTS'] === '1'
const tried = new Map<string, string | undefined>()

/** @returns The folder of its commands, gone after the tests; `undefined` where npm refuses, without a network say. */
function install(name: string): string | undefined {
  if (tried.has(name)) return tried.get(name)
  const folder = temporaryFolder(afterAll)
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  try {
    const options = { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS } as const
    execFileSync('npm', [...args, `${name}@latest`], options)
    tried.set(name, join(folder, 'node_modules/.bin'))
  } catch {
    tried.set(name, undefined)
  }
  return tried.get(name)
}

/** Where an agent really is; else the test is skipped, and says why. */
function installed(id: string, skip: TestContext['skip']) {
  const { PATH = '' } = process.env
  const [name = ''] = agents.get(id).commands
  const packageName = MAY_INSTALL ? PACKAGES[id] : undefined
  const ours = packageName === undefined ? undefined : install(packageName)
  if (packageName !== undefined && ours === undefined)
    return skip(`npm could not install ${packageName}`)
  const command = [...(ours === undefined ? PATH.split(delimiter) : [ours])]
    .map((dir) => join(dir, name))
    .find(existsSync)
  if (command === undefined)
    return skip(`${name} is not installed: put it in PATH, or set CONDUCTOR_INSTALL_AGENTS=1`)
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

/** Starts it in a terminal; ends all of it with the test. @returns what it has written so far. */
function inTerminal(command: string, { args, cwd, env }: LaunchPlan): () => string {
  const quoted = [command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  const child = spawn(
    'script',
    ['--quiet', '--flush', '--command', quoted.join(' '), '/dev/null'],
    {
      cwd,
      env: { ...env, TERM: 'xterm-256color' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  onTestFinished(() =>
    until(
      () => {
        const left = processesIn(cwd)
        signalAll(left, 'SIGKILL')
        return left.length === 0
      },
      { timeoutMs: 20_000 },
    ).then(() => {}),
  )
  return () => output
}

describe.skipIf(process.platform !== 'linux')('in a terminal, without a network', () => {
  it.for(['claude-code', 'codex', 'opencode', 'gemini'])(
    '%s starts, and says when it reads what is typed',
    { timeout: INSTALL_TIMEOUT_MS + 60_000 },
    async (id, { skip }) => {
      const { command, place } = installed(id, skip)
      const plan = agents.planLaunch(id, place)
      const output = inTerminal(command, plan)
      await until(() => output().includes(plan.ready?.output ?? ''), { timeoutMs: 40_000 })
    },
  )
})

describe('the real program', { timeout: INSTALL_TIMEOUT_MS + 60_000 }, () => {
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
