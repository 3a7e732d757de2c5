import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { clientOf, isAlive, logIn, type Program, startProgram } from './testing/program.ts'

const PASSWORD = 'correct horse battery'

it('a server that starts while the one before drains waits its turn, and then all its files stay', async () => {
  const cwd = temporaryFolder(onTestFinished)
  const pidFile = join(cwd, 'conductor.pid')
  const start = () =>
    startProgram(onTestFinished, cwd, {
      AI_CONDUCTOR_PASSWORD: PASSWORD,
      AI_CONDUCTOR_PID_FILE: pidFile,
    })
  const old = start()
  const client = await logIn(await old.url(), PASSWORD)
  // One that cannot outlive the server and does not mind being asked to go: 3 s of drain.
  const { id, pid } = await client.json<{ id: string; pid: number }>('/api/sessions', {
    method: 'POST',
    body: JSON.stringify({
      durability: 'server',
      command: 'sh',
      args: ['-c', "trap '' HUP TERM; echo ready; while :; do sleep 0.2; done"],
    }),
  })
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(-pid, 'SIGKILL')
  })
  const output = async () => (await client.request(`/api/sessions/${id}/output`)).text()
  await until(async () => (await output()).includes('ready'))
  old.kill('SIGTERM')
  await until(() => old.stderr.includes('shutting down'))

  // As an impatient supervisor does it: again and again, until one is let in.
  let refusals = 0
  const isIn = async (): Promise<Program> => {
    for (;;) {
      const next = start()
      const isUp = () => next.stdout.includes('Listening on')
      await until(() => isUp() || next.exit, { timeoutMs: 20_000 })
      if (isUp()) return next
      expect(next.stderr).toMatch(new RegExp(`^already running: pid ${old.pid} `))
      refusals++
    }
  }
  const next = await isIn()
  expect(refusals).toBeGreaterThan(0)
  expect(await old.whenOver()).toBe(0)

  const inState = (name: string) => join(cwd, 'data', name)
  expect(JSON.parse(readFileSync(inState('running.json'), 'utf8'))).toMatchObject({ pid: next.pid })
  expect(readFileSync(pidFile, 'utf8').split('\n')[0]).toBe(String(next.pid))
  await until(() => existsSync(inState('daemon.heartbeat')))
  const beat = JSON.parse(readFileSync(inState('daemon.heartbeat'), 'utf8')) as { pid: number }
  expect(beat.pid).toBe(next.pid)
  const token = readFileSync(inState('cli-token'), 'utf8').trim()
  expect(await clientOf(await next.url(), token).json('/api/sessions')).toEqual([])
  const link = connect(inState('supervise.sock'))
  onTestFinished(() => void link.destroy())
  await new Promise((resolve, reject) => link.once('connect', resolve).once('error', reject))
  await until(async () =>
    (await (await fetch(`${await next.url()}/metrics`)).text()).includes(
      'conductor_liveness_clients 1\n',
    ),
  )
})
