import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, freePort, temporaryFolder, until, whyMissing } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { documentPath, readDocument } from './documents.ts'
import { type Program, startProgram } from './program.ts'
import { CLI } from './server.ts'

/** Several servers and daemons start here, one after the other. */
const TEST_MS = 120_000

/** What a guide tells to type, and what this test cannot: who does instead. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^(?:systemctl|journalctl|supervisorctl) /, 'tooling/supervisors/src/guides.test.ts'],
  [/^conductor attach /, 'wants a terminal: apps/cli/src/attach.test.ts'],
  [/^conductor serve/, 'never ends: apps/cli/src/real-server.test.ts'],
  [/^conductor doctor --url /, 'proxies-doctor.test.ts'],
]

interface Section {
  readonly title: string
  readonly commands: readonly string[]
}

/** The commands of a guide by the headings above them. */
function sectionsOf(name: string): readonly Section[] {
  return readDocument(`guides/${name}.md`)
    .split(/^## /m)
    .map((text) => ({
      title: text.split('\n')[0] ?? '',
      commands: [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
        .flatMap(([, block = '']) => block.split('\n'))
        .map((line) => line.replace(/\s+#.*$/, ''))
        .filter((line) => line !== ''),
    }))
}

/** A folder with the daemon of the guides, and `conductor` in its `PATH`. */
async function place(): Promise<{
  readonly port: number
  /** Types the lines one after the other; none may fail. @returns All that was said. */
  type(lines: readonly string[]): Promise<string>
}> {
  const cwd = temporaryFolder(onTestFinished)
  const bin = join(cwd, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'conductor'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`)
  chmodSync(join(bin, 'conductor'), 0o755)
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readDocument('guides/manage.md'))?.[1] ?? ''
  writeFileSync(join(cwd, 'conductor.yaml'), yaml)
  writeFileSync(join(cwd, 'web.mjs'), 'setInterval(() => {}, 1000)\n')
  for (const name of ['docs', 'apps']) symlinkSync(documentPath(`../${name}`), join(cwd, name))
  const port = await freePort()
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    AI_CONDUCTOR_ADDR: `127.0.0.1:${port}`,
    SHELL: '/bin/sh',
  }
  const bash = (script: string): Program =>
    startProgram(onTestFinished, [binary('bash'), '-euxc', script], cwd, env)
  onTestFinished(async () => {
    const end = `conductor down
      for each in $(conductor ls --json | node -p 'JSON.parse(fs.readFileSync(0)).map((s) => s.id).join(" ")'); do conductor kill $each; done
      conductor stop`
    const program = bash(end)
    await until(() => program.isOver, { timeoutMs: 60_000, what: 'all of it ends' })
  })
  return {
    port,
    async type(lines) {
      const program = bash(lines.map((line) => line.replaceAll('8080', String(port))).join('\n'))
      await until(() => program.isOver, { timeoutMs: 90_000, what: `${lines.join('\n')}` })
      expect([program.child.exitCode, program.output]).toEqual([0, expect.any(String)])
      return program.output
    },
  }
}

/** What is left of a guide to be typed here. */
function typable(name: string, ...titles: readonly string[]): string[] {
  const sections = sectionsOf(name)
  return titles.flatMap((title) => {
    const found = sections.find((each) => each.title.startsWith(title))
    if (!found) throw new Error(`${name} has no section ${title}`)
    return found.commands.filter((line) => !ELSEWHERE.some(([pattern]) => pattern.test(line)))
  })
}

const missing = whyMissing('bash', 'curl')

it.skipIf(missing)(
  'manage: everything can be typed as it stands there',
  { timeout: TEST_MS },
  async () => {
    const { type } = await place()
    await type(['conductor start', 'conductor restart', 'conductor status'])
    const [sessions, daemons] = [typable('manage', 'Sessions'), typable('manage', 'Daemons')]
    expect(sessions.length + daemons.length).toBeGreaterThan(9)
    await type(sessions)
    const said = await type(daemons)
    expect(said).toMatch(/web is ready \(pid \d+\)/)
    await type(['session=$(conductor new)', ...typable('manage', 'The server')])
  },
)

it.skipIf(missing)(
  'verify: everything can be typed, and is seen as promised',
  { timeout: TEST_MS },
  async () => {
    const { type, port } = await place()
    await type(['conductor start'])
    const answers = await type(typable('verify', 'It answers'))
    expect(answers).toContain('{"status":"ok"}')
    expect(answers).toContain(`server: ready`)
    expect(answers).toContain(`PASS  server: ready at http://127.0.0.1:${port}, pid`)
    expect(answers).not.toContain('FAIL')
    await type(['until conductor daemon-status; do sleep 0.2; done'])
    expect(await type(typable('verify', 'It beats'))).toContain('HEALTHY')

    const back = await type(typable('verify', 'It comes back'))
    // The pid of the session, in both lists.
    const pids = [...back.matchAll(/^\S.* (\d+) +\S*sh\b/gm)].map(([, pid]) => pid)
    expect(pids).toEqual([expect.stringMatching(/^\d+$/), pids[0]])
    expect(back).toContain('before')

    const daemons = await type(typable('verify', 'Daemons come back'))
    expect(daemons).toContain('web is')
  },
)

it.skipIf(missing)('troubleshoot: everything can be typed', { timeout: TEST_MS }, async () => {
  const { type } = await place()
  await type([
    'conductor start',
    'until conductor daemon-status; do sleep 0.2; done',
    'conductor up',
  ])
  const lines = sectionsOf('troubleshoot')
    .flatMap(({ commands }) => commands)
    .filter((line) => !ELSEWHERE.some(([pattern]) => pattern.test(line)))
  expect(lines.length).toBeGreaterThan(6)
  const said = await type(lines)
  expect(said).toContain('HEALTHY')
  expect(said).toContain('"healthy":')
})

it.skipIf(missing)(
  'in an app: a server ends after its app, and its sessions do not',
  { timeout: TEST_MS },
  async () => {
    const { type } = await place()
    const said = await type([
      ...typable('in-an-app', 'Install'),
      'until conductor status; do sleep 0.2; done',
      ...typable('in-an-app', 'Manage'),
      ...typable('in-an-app', 'Verify'),
      'conductor start',
      'conductor send --enter "$session" \'echo $((6*7))-still\'',
      'until conductor logs "$session" | grep 42-still; do sleep 0.2; done',
    ])
    expect(said).toContain('server:    ready')
  },
)
