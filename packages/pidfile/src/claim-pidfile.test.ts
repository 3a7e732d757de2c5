import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { claimPidfile, inspectPidfile } from './claim-pidfile.ts'

it.each(['flock', 'link', undefined] as const)(
  'claims, refuses a second claim and releases (%s)',
  async (backend) => {
    const path = join(temporaryFolder(onTestFinished), 'a.pid')
    const claim = await claimPidfile(path, { backend, data: { port: 1 } })
    expect(readFileSync(path, 'utf8')).toMatch(
      new RegExp(`^${process.pid}\n{"pid":${process.pid},.*}\n$`),
    )
    await expect(claimPidfile(path, { backend })).rejects.toMatchObject({
      code: 'HELD',
      holder: { pid: process.pid, data: { port: 1 } },
    })
    expect(await inspectPidfile(path)).toMatchObject({ state: 'held' })
    claim.update({ port: 2 })
    expect(await inspectPidfile(path)).toMatchObject({ holder: { data: { port: 2 } } })
    await claim.release()
    await claim.release()
    expect(readdirSync(join(path, '..'))).toEqual(backend === 'link' ? [] : ['a.pid.lock'])
  },
)
