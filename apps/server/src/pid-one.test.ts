import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Client, logIn, type Program, startProgram } from './testing/program.ts'

// As the first process of a container, without one and with one of the inits that `--init` brings.

const PASSWORD = 'correct horse battery'
const NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

const runs = (...[program = '', ...args]: readonly string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0
const noNamespace = runs(...NAMESPACE, 'true') ? undefined : 'no pid namespace can be made here'
const noTini = runs('tini', '--version') ? undefined : 'tini is not installed'

function stat(pid: string): { state: string; parent: string } {
  try {
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .split(') ')
      .slice(-1)
      .join('')
      .split(' ')
    return { state, parent }
  } catch {
    return { state: '', parent: '' }
  }
}

const childrenOf = (pid: number | string) =>
  readdirSync('/proc').filter((each) => /^\d+$/.test(each) && stat(each).parent === String(pid))

async function inNamespace(init: readonly string[]) {
  const program = startProgram(
    onTestFinished,
    temporaryFolder(onTestFinished),
    { AI_CONDUCTOR_PASSWORD: PASSWORD },
    { wrapper: [...NAMESPACE, ...init] },
  )
  const client = await logIn(await program.url(), PASSWORD)
  const [first = ''] = childrenOf(program.pid)
  return { program, client, first }
}

/** A session whose program leaves a child behind, which ends soon, as any shell's background job may. */
async function leaveOrphan(client: Client): Promise<string> {
  const { id } = await client.json<{ id: string }>('/api/sessions', {
    method: 'POST',
    body: JSON.stringify({
      ...{ command: 'sh', args: ['-c', '(setsid sleep 0.3 & echo left); exec cat'] },
    }),
  })
  const output = async () => (await client.request(`/api/sessions/${id}/output`)).text()
  await until(async () => (await output()).includes('left'))
  return id
}

async function endsInPeace(program: Program, first: string): Promise<void> {
  process.kill(Number(first), 'SIGTERM')
  expect(await program.whenOver()).toBe(0)
}

describe.skipIf(noNamespace)(
  `the server as pid 1${noNamespace ? ` (skipped: ${noNamespace})` : ''}`,
  () => {
    it('works, ends on SIGTERM, and says that it needs an init: what others leave behind stays', async () => {
      const { program, client, first } = await inNamespace([])
      expect(program.stderr).toMatch(/"msg":"as pid 1 .* --init"/)
      const id = await leaveOrphan(client)
      const zombies = () => childrenOf(first).filter((pid) => stat(pid).state === 'Z')
      // Should Node learn to take them away, this fails, and the warning can go.
      await until(() => zombies().length === 1)
      expect(await client.json('/api/sessions')).toMatchObject([{ id, status: 'running' }])
      await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
      expect(await client.json('/api/sessions')).toEqual([])
      await endsInPeace(program, first)
    })

    it.skipIf(noTini)(
      `below an init leaves nothing behind, and says nothing${noTini ? ` (skipped: ${noTini})` : ''}`,
      async () => {
        const { program, client, first } = await inNamespace(['tini', '--'])
        expect(program.stderr).not.toContain('pid 1')
        const id = await leaveOrphan(client)
        await until(() =>
          childrenOf(first).some((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n'),
        )
        await until(() => childrenOf(first).length === 1)
        await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
        await endsInPeace(program, first)
      },
    )
  },
)
