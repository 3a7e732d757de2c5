import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInAgents } from './built-in-agents.ts'
import { createAgents } from './create-agents.ts'
import type { LaunchPlan } from './plan.ts'

const ID = '0b6a6d3e-1111-4222-8333-444455556666'
const place = { cwd: '/work/app', home: '/home/ann', env: { PATH: '/bin' } }
const agents = createAgents({ newSessionId: () => ID })

const codexArgs = ['-c', 'check_for_update_on_startup=false']
const aiderArgs = ['--no-check-update', '--chat-history-file', `/work/app/.aider.chat.${ID}.md`]

/** The command lines, as they are typed. `visible` is with a prompt that everybody may read. */
const golden = {
  'claude-code': {
    launch: ['--session-id', ID],
    visible: ['--session-id', ID, '--', 'fix it'],
    resume: ['--resume', ID],
  },
  codex: {
    launch: codexArgs,
    visible: [...codexArgs, '--', 'fix it'],
    resume: ['resume', ...codexArgs, ID],
  },
  opencode: { launch: [], visible: ['--prompt=fix it'], resume: ['--session', ID] },
  gemini: {
    launch: ['--session-id', ID],
    visible: ['--session-id', ID, '--prompt-interactive=fix it'],
    resume: ['--resume', ID],
  },
  aider: {
    launch: aiderArgs,
    visible: undefined,
    resume: [...aiderArgs, '--restore-chat-history'],
  },
  shell: { launch: [], visible: undefined, resume: undefined },
  cursor: { launch: [], visible: ['--', 'fix it'], resume: ['--resume', ID] },
  droid: { launch: [], visible: undefined, resume: ['-r', ID] },
  crush: { launch: [], visible: undefined, resume: ['--session', ID] },
  goose: {
    launch: ['run', '-t', '', '--interactive'],
    visible: undefined,
    resume: ['run', '-t', '', '--interactive', '--resume', '--session-id', ID],
  },
}

describe('the built-in table', () => {
  it('is covered by the command lines below', () => {
    expect(agents.list().map(({ id }) => id)).toEqual(Object.keys(golden))
  })

  it('stays as it is in JSON, and would be accepted from a config', () => {
    expect(JSON.parse(JSON.stringify(builtInAgents))).toEqual(builtInAgents)
    expect(createAgents({ extra: builtInAgents }).list()).toEqual(agents.list())
  })
})

describe.each(Object.entries(golden))('%s', (id, { launch, visible, resume }) => {
  it('is launched', () => {
    const plan = agents.planLaunch(id, place)
    expect(plan.args).toEqual(launch)
    expect(plan).toMatchObject({ agentId: id, cwd: '/work/app', promptVisible: false })
  })

  if (id !== 'shell')
    it('is launched with a prompt that is in no argument', () => {
      const plan = agents.planLaunch(id, { ...place, prompt: 'fix it' })
      expect(plan.args).toEqual(launch)
      expect(plan).toMatchObject({
        promptVisible: false,
        delivery: 'after-start',
        typed: { text: '\u001b[200~fix it\u001b[201~', submit: '\r' },
        ready: { output: '\u001b[?2004h' },
      })
    })

  if (visible)
    it('takes the prompt as an argument only where that is allowed', () => {
      const plan = agents.planLaunch(id, { ...place, prompt: 'fix it', allowVisiblePrompt: true })
      expect(plan.args).toEqual(visible)
      expect(plan).toMatchObject({ promptVisible: true, delivery: 'argument' })
    })

  if (resume)
    it('is resumed, without its prompt', () => {
      const plan = agents.planResume(id, {
        ...place,
        kind: 'worker',
        sessionId: ID,
        prompt: 'fix it',
        transcript: 'found',
      })
      expect(plan).toMatchObject({ kind: 'native', isPromised: true, launch: { args: resume } })
      expect(plan).not.toHaveProperty('launch.typed')
    })
})

describe('a launch', () => {
  it('has the id that it is told, or a new one, where ids are pinned', () => {
    const other = '1b6a6d3e-1111-4222-8333-444455556666'
    expect(agents.planLaunch('gemini', place).sessionId).toBe(ID)
    const plan = agents.planLaunch('gemini', { ...place, sessionId: other })
    expect(plan).toMatchObject({ sessionId: other, args: ['--session-id', other] })
    expect(agents.planLaunch('codex', place)).not.toHaveProperty('sessionId')
    expect(createAgents().planLaunch('claude-code', place).sessionId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it("has the commands of its spec, and of the shell the user's own first", () => {
    expect(agents.planLaunch('claude-code', place).commands).toEqual(['claude'])
    expect(agents.planLaunch('shell', place).commands).toEqual(['bash', 'zsh', 'sh'])
    const env = { SHELL: '/bin/fish' }
    const { commands } = agents.planLaunch('shell', { ...place, env })
    expect(commands).toEqual(['/bin/fish', 'bash', 'zsh', 'sh'])
  })

  it('puts more arguments where those of the spec are, as they are', () => {
    const extraArgs = ['--model', '{cwd}']
    const { args } = agents.planLaunch('codex', { ...place, extraArgs })
    expect(args).toEqual([...codexArgs, '--model', '{cwd}'])
  })

  it('hands on the environment that it is given, without what would confuse the agent', () => {
    const env = { PATH: '/bin', CLAUDECODE: '1', EMPTY: '', GONE: undefined }
    expect(agents.planLaunch('claude-code', { ...place, env }).env).toEqual({
      PATH: '/bin',
      EMPTY: '',
    })
    const own = createAgents({
      extra: [{ id: 'mine', extends: 'codex', env: { set: { PATH: '/opt', KEY: 'secret' } } }],
    }).planLaunch('mine', place)
    expect(own.env).toEqual({ PATH: '/opt', KEY: 'secret' })
    expect(JSON.stringify(own.args)).not.toContain('secret')
  })

  it('types each line as a terminal would, in one paste', () => {
    const { typed } = agents.planLaunch('codex', { ...place, prompt: 'one\r\ntwo\n\tthree' })
    expect(typed?.text).toBe('\u001b[200~one\rtwo\r\tthree\u001b[201~')
  })

  it.each([
    ['a prompt that ends its paste and types on', { prompt: 'a\u001b[201~\rrm' }, /U\+001b at 1/],
    ['a prompt with the same in one character', { prompt: 'a\u009b201~' }, /U\+009b at 1/],
    ['an empty prompt', { prompt: ' \n' }, /prompt is empty/],
    ['an id that is an option', { sessionId: '--help' }, /pass a UUID/],
    ['a folder with a NUL', { cwd: '/a\0b' }, /cwd is no path/],
  ])('refuses %s', (_, request, message) => {
    expect(() => agents.planLaunch('claude-code', { ...place, ...request })).toThrow(message)
  })

  it('refuses an id for an agent that makes its own, and a prompt for one that takes none', () => {
    expect(() => agents.planLaunch('codex', { ...place, sessionId: ID })).toThrow(
      '[agents/BAD_OPTION] sessionId was given, but codex makes its own',
    )
    expect(() => agents.planLaunch('shell', { ...place, prompt: 'rm -r x' })).toThrow(
      '[agents/NO_PROMPT] shell takes no prompt',
    )
  })

  it('names the agents there are when it knows none of that id', () => {
    expect(() => agents.get('cluade')).toThrow(/UNKNOWN_AGENT.*"cluade": pick one of claude-code/)
    expect(() => agents.get('constructor')).toThrow('UNKNOWN_AGENT')
  })
})

describe('whatever is asked for', () => {
  const texts = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '')
  const prompts = fc
    .oneof(texts, fc.constantFrom('{cwd}', '{args}', '--help', '$(id)', '{sessionId} {prompt}'))
    // Long enough not to be a part of a flag by chance.
    .map((text) => `Task<${text}>`)
    .filter((text) => !/(?![\t\n\r])\p{Cc}/u.test(text))

  it('leaves no placeholder, and shows the prompt only where it says so', () => {
    const ids = fc.constantFrom(...Object.keys(golden).filter((id) => id !== 'shell'))
    fc.assert(
      fc.property(ids, prompts, fc.boolean(), (id, prompt, allowVisiblePrompt) => {
        const plan = agents.planLaunch(id, { ...place, prompt, allowVisiblePrompt })
        const isSeen = plan.args.some((arg) => arg.includes(prompt))
        expect(isSeen).toBe(plan.promptVisible)
        expect(allowVisiblePrompt || !isSeen).toBe(true)
        const rest = plan.args.map((arg) => arg.replace(prompt, ''))
        expect(rest.filter((arg) => /[{}]/.test(arg))).toEqual([])
        expect(carried(plan)).toBe(prompt.replace(/\r?\n/g, '\r'))
      }),
    )
  })

  function carried({ args, delivery, typed }: LaunchPlan): string | undefined {
    if (delivery === 'argument')
      return args
        .at(-1)
        ?.replace(/^--[a-z-]+=/, '')
        .replace(/\r?\n/g, '\r')
    return typed?.text.slice('\u001b[200~'.length, -'\u001b[201~'.length)
  }
})
