import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testServer } from '../testing/test-server.ts'
import { openSocket, type TestSocket } from '../testing/test-socket.ts'

async function setup() {
  const server = await testServer(onTestFinished)
  const id = await server.session()
  const program = server.runtime.last()
  const open = (): Promise<TestSocket> => openSocket(server, `/ws/${id}`, { protocols: [] })
  return { server, id, program, open }
}

function say(socket: TestSocket, message: object): void {
  socket.ws.send(JSON.stringify(message))
}

describe('a plain client', () => {
  it('gets the history, then what comes, then the exit', async () => {
    const { program, open } = await setup()
    program.prints('before ')
    const socket = await open()
    expect(socket.ws.protocol).toBe('')
    await until(() => socket.output.toString() === 'before ')
    program.prints('after')
    program.exits(3)
    expect(await socket.whenClosed()).toBe(1000)
    expect(socket.output.toString()).toBe('before after')
    expect(socket.texts.at(-1)).toEqual({ type: 'exit', code: 3, signal: null })
  })

  it('types text, bytes and sizes', async () => {
    const { program, open } = await setup()
    const socket = await open()
    say(socket, { type: 'input', data: 'é\n' })
    socket.ws.send(Buffer.from([0x00, 0xff]))
    say(socket, { type: 'resize', cols: 100, rows: 30 })
    say(socket, { type: 'resize', cols: 0, rows: 0 })
    say(socket, { type: 'from a later version' })
    await until(() => program.sizes.length > 0)
    expect(program.typed).toEqual(Buffer.from([0xc3, 0xa9, 0x0a, 0x00, 0xff]))
    expect(program.sizes).toEqual([{ cols: 100, rows: 30 }])
    expect(socket.closed).toBeUndefined()
  })

  it('never sees a character cut in two, and wrong bytes as what they are', async () => {
    const { program, open } = await setup()
    const socket = await open()
    const text = '日本語 🚀 é'.repeat(500)
    for (const byte of Buffer.from(text)) program.prints(Buffer.from([byte]))
    await until(() => socket.output.toString() === text)
    program.prints(Buffer.from([0x61, 0xff, 0x62, 0xe6]))
    program.exits(0)
    await socket.whenClosed()
    expect(socket.output.toString()).toBe(`${text}a\ufffdb\ufffd`)
  })

  it('gets a long history in messages of at most 256 KiB, whatever is in it', async () => {
    const { program, open } = await setup()
    program.prints(Buffer.alloc(1024 * 1024, 0x1b))
    const socket = await open()
    const lengths: number[] = []
    socket.ws.on('message', (data: Buffer) => lengths.push(data.length))
    await until(() => socket.output.length === 1024 * 1024)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(256 * 1024)
  })

  it.each([
    'not json',
    '[]',
    '{"type":"input"}',
    '{"type":"input","data":5}',
    '{"type":"resize","cols":-1,"rows":1}',
    '"x"',
  ])('that sends %s is closed with 4400', async (text) => {
    const { open } = await setup()
    const socket = await open()
    socket.ws.send(text)
    expect(await socket.whenClosed()).toBe(4400)
  })

  it('of a session that is not there is closed with 4404', async () => {
    const { server } = await setup()
    const socket = await openSocket(server, '/ws/nope', { protocols: [] })
    expect(await socket.whenClosed()).toBe(4404)
  })

  it('that pastes 2 MiB in pieces has every byte typed in order', async () => {
    const { program, open } = await setup()
    const socket = await open()
    const paste = Buffer.from(Array.from({ length: 2 * 1024 * 1024 }, (_, i) => (i * 31) % 256))
    for (let at = 0; at < paste.length; at += 512 * 1024)
      socket.ws.send(paste.subarray(at, at + 512 * 1024))
    await until(() => program.typed.length === paste.length)
    expect(program.typed.equals(paste)).toBe(true)
  })
})
