import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { checkHeartbeat } from './check-heartbeat.ts'

let folder: string

// Node 20 runs no TypeScript: the two sides as one file of JavaScript each.
beforeAll(async () => {
  folder = temporaryFolder(afterAll)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await build({
    config: false,
    silent: true,
    entry: ['check-heartbeat', 'heartbeat'].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outDir: folder,
    format: 'esm',
    noExternal: [/./],
    esbuildOptions(options) {
      options.conditions = ['@conductor/source']
    },
  })
})

/** A daemon that does nothing but beat. */
async function daemon(path: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createHeartbeat } from ${JSON.stringify(join(folder, 'heartbeat.js'))}
       const heartbeat = createHeartbeat({ path: ${JSON.stringify(path)}, intervalMs: 1 })
       process.once('SIGTERM', () => heartbeat.close())`,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await until(async () => (await checkHeartbeat(path)).healthy, { timeoutMs: 20_000 })
  return child
}

describe('a real daemon', () => {
  it('is seen at once when it was killed, not after two intervals', async () => {
    const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
    const child = await daemon(path)
    expect(await checkHeartbeat(path)).toMatchObject({ status: 'HEALTHY', pid: child.pid })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await checkHeartbeat(path)).toMatchObject({ status: 'UNHEALTHY', reason: 'dead' })
  })

  it('is seen when it hangs: its process lives, and beats no more', async () => {
    const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
    const child = await daemon(path)
    child.kill('SIGSTOP')
    await until(async () => (await checkHeartbeat(path, { maxAgeMs: 300 })).reason === 'stale')
  })

  it('that ends well leaves no file, and nothing that keeps it running', async () => {
    const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
    const child = await daemon(path)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(existsSync(path)).toBe(false)
  })

  it('is never seen torn, however often it beats', async () => {
    const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
    await daemon(path)
    for (let i = 0; i < 2_000; i++) expect((await checkHeartbeat(path)).status).toBe('HEALTHY')
  })
})

describe('time zones', () => {
  it.each(['America/New_York', 'Asia/Kolkata'])('make no false alarm in %s', (TZ) => {
    const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
    // As the original writes it in another zone: a local time that does not say of where.
    const local = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, -1)
    for (const timestamp of [local, new Date().toISOString()]) {
      writeFileSync(path, JSON.stringify({ timestamp, pid: process.pid, uptime_seconds: 1 }))
      const ask = `
        import { checkHeartbeat } from ${JSON.stringify(join(folder, 'check-heartbeat.js'))}
        console.log(JSON.stringify([new Date().getTimezoneOffset(), await checkHeartbeat(${JSON.stringify(path)})]))`
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', ask], {
        env: { ...process.env, TZ },
      })
      const [offset, status] = JSON.parse(String(said))
      expect(offset).not.toBe(0)
      expect(status).toMatchObject({ status: 'HEALTHY' })
    }
  })
})
