import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAgents } from './create-agents.ts'
import type { LaunchPlan } from './plan.ts'

const READY = '\u001b[?2004h'
const PROMPT = `fix {cwd}; it's "$HOME"\nand \`id\` -- --help`

/** An agent that says it is ready, and writes down what it was given until its prompt is submitted, or its input ends. */
const STAND_IN = `#!${process.execPath}
const { writeFileSync, renameSync } = require('node:fs')
let stdin = ''
const record = () => {
  const { argv, env } = process
  writeFileSync(env.RECORD + '.new', JSON.stringify({ argv: argv.slice(2), env, stdin, cwd: process.cwd() }))
  renameSync(env.RECORD + '.new', env.RECORD)
}
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => { stdin += text; if (stdin.endsWith('\\u001b[201~\\r')) { record(); process.stdin.destroy() } })
process.stdin.on('end', record)
process.stdout.write(${JSON.stringify(READY)})
`

interface Recorded {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
  readonly cwd: string
}

function machine() {
  const folder = temporaryFolder(onTestFinished)
  const [bin, home, cwd] = [join(folder, 'bin'), join(folder, 'home'), join(folder, 'w d')]
  for (const each of [bin, home, cwd]) mkdirSync(each)
  const record = join(folder, 'record.json')
  const env = { PATH: bin, HOME: home, RECORD: record }
  const install = (name: string): void => {
    writeFileSync(join(bin, name), STAND_IN)
    chmodSync(join(bin, name), 0o755)
  }
  return { folder, record, install, place: { cwd, home, env } }
}

/** What a caller does with a plan, and nothing more. */
async function run(plan: LaunchPlan, whileItRuns: (child: ChildProcess) => void = () => {}) {
  const { PATH = '', RECORD = '' } = plan.env
  const paths = PATH.split(delimiter).flatMap((dir) => plan.commands.map((name) => join(dir, name)))
  const command = paths.find(existsSync)
  if (command === undefined) throw new Error(`none of ${plan.commands} is installed`)
  if (plan.file) writeFileSync(plan.file.path, plan.file.text, { mode: 0o600 })
  const child = spawn(command, plan.args, { cwd: plan.cwd, env: plan.env, stdio: 'pipe' })
  const exit = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await until(() => output.includes(plan.ready?.output ?? ''))
  whileItRuns(child)
  if (plan.typed) {
    child.stdin.write(plan.typed.text)
    child.stdin.write(plan.typed.submit)
  } else child.stdin.end(plan.stdin ?? '')
  await exit
  return JSON.parse(readFileSync(RECORD, 'utf8')) as Recorded
}

describe('a stand-in that is found in PATH', () => {
  const builtIn = createAgents()
    .list()
    .filter(({ id }) => id !== 'shell')

  it.each(builtIn)('is told its task as $id, and no process list shows it', async (spec) => {
    const { install, place } = machine()
    install(spec.commands[0] ?? '')
    const plan = createAgents().planLaunch(spec.id, { ...place, prompt: PROMPT })
    const got = await run(plan, ({ pid }) => {
      if (process.platform === 'linux')
        expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('fix')
    })
    expect(got).toMatchObject({ argv: plan.args, cwd: place.cwd })
    expect(got.stdin).toBe(`\u001b[200~${PROMPT.replace('\n', '\r')}\u001b[201~\r`)
  })

  it.each(['claude-code', 'codex', 'opencode', 'gemini', 'cursor'])(
    'gets one argument from a prompt that may be seen, as %s',
    async (id) => {
      const { install, place } = machine()
      const agents = createAgents()
      install(agents.get(id).commands[0] ?? '')
      const plan = agents.planLaunch(id, { ...place, prompt: PROMPT, allowVisiblePrompt: true })
      const { argv, stdin } = await run(plan)
      expect(argv).toEqual(plan.args)
      expect(argv.filter((arg) => arg.endsWith(PROMPT))).toHaveLength(1)
      expect(stdin).toBe('')
    },
  )

  it('is resumed with the id that it was launched with', async () => {
    const { install, place } = machine()
    install('claude')
    const agents = createAgents()
    const { sessionId = '', ...plan } = agents.planLaunch('claude-code', place)
    expect((await run({ sessionId, ...plan })).argv).toEqual(['--session-id', sessionId])
    const saved = { ...place, kind: 'worker', sessionId, transcript: 'found' } as const
    const resume = agents.planResume('claude-code', saved)
    if (resume.kind !== 'native') throw new Error(resume.kind)
    expect((await run(resume.launch)).argv).toEqual(['--resume', sessionId])
  })

  it('has the environment of the plan and nothing of ours', async () => {
    const { install, place } = machine()
    install('claude')
    const env = { ...place.env, CLAUDECODE: '1', API_KEY: 'secret' }
    const got = await run(createAgents().planLaunch('claude-code', { ...place, env }))
    // macOS adds one of its own.
    const { __CF_USER_TEXT_ENCODING: _, ...seen } = got.env
    expect(seen).toEqual({ ...place.env, API_KEY: 'secret' })
    expect(got.argv.join(' ')).not.toContain('secret')
  })
})

describe('an agent of a config', () => {
  const robot = {
    id: 'robot',
    name: 'Robot',
    commands: ['absent', 'robot'],
    session: { kind: 'none' },
  } as const

  it('reads its prompt from its input', async () => {
    const { install, place } = machine()
    install('robot')
    const agents = createAgents({ extra: [{ ...robot, prompt: [{ kind: 'stdin' }] }] })
    const got = await run(agents.planLaunch('robot', { ...place, prompt: PROMPT }))
    expect(got).toMatchObject({ argv: [], stdin: PROMPT })
  })

  it('reads its prompt from a file, whose place the caller chooses', async () => {
    const { folder, install, place } = machine()
    install('robot')
    const prompt = [{ kind: 'file', args: ['--task={promptFile}'] }] as const
    const agents = createAgents({ extra: [{ ...robot, prompt }] })
    expect(() => agents.planLaunch('robot', { ...place, prompt: PROMPT })).toThrow(
      'pass promptFile',
    )
    const promptFile = join(folder, 'task.txt')
    const plan = agents.planLaunch('robot', { ...place, prompt: PROMPT, promptFile })
    expect(plan).toMatchObject({ delivery: 'file', promptVisible: false })
    expect((await run(plan)).argv).toEqual([`--task=${promptFile}`])
    expect(readFileSync(promptFile, 'utf8')).toBe(PROMPT)
  })

  it('says so if the prompt can only be an argument', async () => {
    const { install, place } = machine()
    install('robot')
    const prompt = [{ kind: 'argument', args: ['{prompt}'] }] as const
    const agents = createAgents({ extra: [{ ...robot, prompt }] })
    const plan = agents.planLaunch('robot', { ...place, prompt: PROMPT })
    expect(plan.promptVisible).toBe(true)
    expect((await run(plan)).argv).toEqual([PROMPT])
  })
})
