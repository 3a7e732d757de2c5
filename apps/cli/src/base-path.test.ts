import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { readRunFile } from './server/run-file.ts'
import { MAIN, start } from './testing/program.ts'

it('the command line finds a server below a base path, and its sessions', async () => {
  const cwd = temporaryFolder(onTestFinished)
  const setting = 'AI_CONDUCTOR_BASE_PATH=/tools/conductor/'
  const server = start(onTestFinished, cwd, ['serve'], ['env', setting, process.execPath, MAIN])
  await until(() => server.stdout.includes('Listening on'), { timeoutMs: 20_000 })
  const url = readRunFile(join(cwd, 'data'))?.url ?? ''
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/tools\/conductor$/)
  expect(server.stdout).toContain(`Listening on ${url}\n`)

  const conductor = async (...args: string[]): Promise<string> => {
    const program = start(onTestFinished, cwd, args)
    expect([args, await program.whenOver(), program.stderr]).toEqual([args, 0, ''])
    return program.stdout
  }
  expect(await conductor('status')).toContain(url)
  const id = (await conductor('new')).trim()
  await conductor('send', '--enter', id, 'echo $((6*7))-is-it')
  // Over HTTP and over a WebSocket.
  await until(async () => (await conductor('logs', id)).includes('42-is-it'), {
    timeoutMs: 20_000,
  })
  await conductor('kill', id)
  await conductor('stop')
})
