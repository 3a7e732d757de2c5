import { connect } from 'node:net'
import { join } from 'node:path'
import { bundle, temporaryFolder, until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLink } from '../link/link.ts'
import { run } from '../testing/processes.ts'

let program = ''

beforeAll(() => {
  program = bundle(new URL('../testing/exhausted-daemon.ts', import.meta.url), afterAll)
})

describe('a daemon without a free descriptor', () => {
  it('does not fire while it could not see a client that is late, and fires when it can', async () => {
    const path = join(temporaryFolder(onTestFinished), 'supervise.sock')
    const daemon = run(program, [path, '300'], { descriptors: 64 })
    await daemon.says(/^idle$/)
    const socket = connect(path)
    await daemon.says(/^connected$/)
    daemon.child.send('exhaust')
    await daemon.says(/^exhausted$/)
    socket.destroy()
    await daemon.says(/^NOT_DRAINED$/)
    await until(() => daemon.said.filter((line) => line === 'closing').length >= 2)
    expect(daemon.said).not.toContain('expired')
    daemon.child.send('relieve')
    await daemon.says(/^expired$/)
    expect(daemon.said.filter((line) => line === 'NOT_DRAINED')).toHaveLength(1)
    expect(await daemon.ended).toBe(0)
  })

  it('lets in, once it has one again, whoever has tried all the while', async () => {
    const path = join(temporaryFolder(onTestFinished), 'supervise.sock')
    const daemon = run(program, [path, '300'], { descriptors: 64 })
    await daemon.says(/^idle$/)
    daemon.child.send('exhaust')
    await daemon.says(/^exhausted$/)
    const link = createLink({ path })
    onTestFinished(() => link.close())
    let drops = 0
    link.subscribe((connected) => {
      if (!connected) drops++
    })
    await until(() => drops >= 2)
    expect(daemon.said).not.toContain('connected')
    daemon.child.send('relieve')
    await daemon.says(/^connected$/)
    expect(link.connected).toBe(true)
    await link.close()
    await daemon.says(/^expired$/)
  })
})

describe('a link that is unref', () => {
  it('keeps no program running, connected or not', async () => {
    const folder = temporaryFolder(onTestFinished)
    const code = bundle(new URL('../testing/idle-app.ts', import.meta.url), onTestFinished)
    expect(await run(code, [join(folder, 'nobody.sock'), '100']).ended).toBe(0)
    const path = join(folder, 'supervise.sock')
    const daemon = run(program, [path, '300'])
    await daemon.says(/^idle$/)
    const app = run(code, [path, '20000'])
    expect(await app.ended).toBe(0)
    expect(app.said).toEqual(['connected'])
    await daemon.says(/^expired$/)
  })
})
