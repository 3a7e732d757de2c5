import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { MAIN, serve, start } from '../testing/program.ts'

/** An agent with hooks: it reports what it finds in the file `say`, for as long as its folder is there. */
const AGENT = `env >env.txt
while [ -e "$0" ]; do
  if [ -e say ]; then
    mv say saying
    "$NODE" "$MAIN" notify --quiet --state "$(cat saying)" --text "as asked"
    echo "$?" >said && rm saying
  fi
  sleep 0.05
done`

it('a program in a real session reports, under one server and the next, and goes on without any', async () => {
  const cwd = temporaryFolder(onTestFinished)
  const script = join(cwd, 'agent.sh')
  writeFileSync(script, AGENT)
  let server = await serve(onTestFinished, cwd)

  async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const read = (name: string) => readFileSync(join(cwd, 'data', name), 'utf8')
    const { url } = JSON.parse(read('running.json')) as { url: string }
    const headers = { 'X-Session-Token': read('cli-token').trim() }
    return (await fetch(url + path, { ...init, headers })).json()
  }

  /** Lets the agent report, and resolves when its hook is over, with the exit code. */
  async function says(state: string): Promise<string> {
    writeFileSync(join(cwd, 'to-say'), state)
    renameSync(join(cwd, 'to-say'), join(cwd, 'say'))
    const said = join(cwd, 'said')
    await until(() => existsSync(said) && !existsSync(join(cwd, 'saying')), { timeoutMs: 15_000 })
    renameSync(said, join(cwd, 'last-said'))
    return readFileSync(join(cwd, 'last-said'), 'utf8').trim()
  }

  const env = { NODE: process.execPath, MAIN }
  const body = JSON.stringify({ command: 'sh', args: [script], cwd, env })
  const { id } = (await ask('/api/sessions', { method: 'POST', body })) as { id: string }
  const attention = async () =>
    ((await ask(`/api/sessions/${id}`)) as { attention: { state: string; text?: string } })
      .attention

  expect(await says('waiting')).toBe('0')
  expect(await attention()).toMatchObject({ state: 'waiting', source: 'hook', text: 'as asked' })
  const inside = readFileSync(join(cwd, 'env.txt'), 'utf8')
  expect(inside).toContain(`CONDUCTOR_SESSION_ID=${id}\n`)
  const [, file = ''] = /^CONDUCTOR_NOTIFY_FILE=(.*)$/m.exec(inside) ?? []
  const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token: string }
  expect(inside).not.toContain(token)

  server.child.kill('SIGKILL')
  await server.whenOver()
  expect(await says('working')).toBe('0')

  server = await serve(onTestFinished, cwd)
  expect(await says('done')).toBe('0')
  expect(await attention()).toMatchObject({ state: 'done', source: 'hook' })
  const kill = start(onTestFinished, cwd, ['kill', id])
  expect(await kill.whenOver()).toBe(0)
  expect(existsSync(file)).toBe(false)
}, 60_000)
