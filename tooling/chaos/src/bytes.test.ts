import { createHash, randomFillSync } from 'node:crypto'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openJson } from './raw-client.ts'
import { rawCatSession } from './sessions.ts'
import { createWorld } from './world.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('bytes', () => {
  it('arrive as they were typed: a paste of 2 MiB, and back', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const { id } = await api.create(rawCatSession)
    const viewer = view(id)
    await viewer.sees('ready')
    // Without what begins a query, as an Escape does: the session would answer one in the echo, as any terminal.
    const paste = randomFillSync(Buffer.alloc(2 * 1024 * 1024)).map((byte) =>
      byte === 0x1b || byte === 0xc2 ? 0 : byte,
    )
    for (let at = 0; at < paste.length; at += 256 * 1024)
      expect(viewer.session.type(paste.subarray(at, at + 256 * 1024))).toBe(true)
    await until(() => viewer.session.offset === paste.length + 5, { timeoutMs: 30_000 })
    expect(sha256(viewer.bytes.subarray(5))).toBe(sha256(paste))
  })

  it('leave as they were written, also where they are no UTF-8', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const script = `stty raw; printf '${[...all].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}'; read`
    const { id } = await api.create({ command: '/bin/bash', args: ['-c', script] })
    const viewer = view(id)
    await until(() => viewer.session.offset === 256)
    expect(viewer.bytes.equals(all)).toBe(true)
    expect((await api.output(id)).bytes.equals(all)).toBe(true)
  })

  it('of a line that the kernel must cut are not cut in silence', async () => {
    const { api, view } = await createWorld(onTestFinished)
    // A program that reads lines: the kernel keeps 4,095 bytes of one.
    const { id } = await api.create({ command: '/bin/cat' })
    const viewer = view(id)
    await viewer.live()
    viewer.session.type(`${'x'.repeat(10_000)}\n`)
    await until(() => viewer.events.some(({ type }) => type === 'notice'))
    expect(viewer.events).toContainEqual(
      expect.objectContaining({ type: 'notice', code: 'LINE_TOO_LONG' }),
    )
  })
})

describe('a plain client without the subprotocol', () => {
  it('gets the history, then live output, as JSON; types; resizes; hears the exit', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const { id } = await api.create()
    const first = await openJson(server.url, api, id)
    first.send({ type: 'input', data: 'echo before-$((1+1))\n' })
    await first.sees('before-2')
    const second = await openJson(server.url, api, id)
    await second.sees('before-2')
    second.send({ type: 'resize', cols: 101, rows: 31 })
    second.send({ type: 'input', data: 'stty size; echo grün\n' })
    await first.sees('31 101')
    await first.sees('grün\r\n')
    second.socket.send(Buffer.from('exit 3\n'))
    await until(() => first.closed && second.closed)
    for (const { messages } of [first, second])
      expect(messages.at(-1)).toMatchObject({ type: 'exit', code: 3 })
    expect(first.text).toBe(second.text)
  })

  it('gets characters whole, however their bytes were cut', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const text = '終わり'.repeat(30_000)
    const { id } = await api.create({
      command: process.execPath,
      args: [
        '-e',
        `process.stdin.once('data', () => process.stdout.write('終わり'.repeat(30000), () => process.exit()))`,
      ],
    })
    const client = await openJson(server.url, api, id)
    client.send({ type: 'input', data: '\n' })
    await until(() => client.closed, { timeoutMs: 15_000 })
    expect(client.text.replaceAll('\r\n', '')).toBe(text)
  })
})
