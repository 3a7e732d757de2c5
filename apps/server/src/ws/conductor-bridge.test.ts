import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testServer } from '../testing/test-server.ts'
import { attach, openSocket } from '../testing/test-socket.ts'

describe('attaching', () => {
  it('sends the history, then what comes, without a seam', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session({ name: 'build' })
    const program = server.runtime.last()
    program.prints('before ')
    const viewer = await attach(server, id)
    expect(await viewer.frame('welcome')).toMatchObject({ version: 1, silenceMs: 25_000 })
    expect(await viewer.frame('attached')).toMatchObject({
      channel: 1,
      epoch: program.log.epoch,
      from: 0,
      end: 7,
      inputSeq: 0,
      name: 'build',
    })
    program.prints('after')
    await until(() => viewer.output.toString() === 'before after')
  })

  it('again with an epoch and an offset goes on from there', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    server.runtime.last().prints('0123456789')
    const { epoch } = server.runtime.last().log
    const viewer = await attach(server, id, { epoch, have: 6 })
    await until(() => viewer.output.toString() === '6789')
    const ahead = await attach(server, id, { epoch, have: 99 })
    expect(await ahead.frame('attached')).toMatchObject({ from: 10, end: 10 })
    const other = await attach(server, id, { epoch: 'another', have: 6 })
    await until(() => other.output.toString() === '0123456789')
  })

  it('tells the program the colours of whoever decides the size', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    const light = { foreground: '#000000', background: '#ffffff', cursor: '#000000' }
    const dark = { foreground: '#ffffff', background: '#000000', cursor: '#ffffff' }
    const first = await attach(server, id, { cols: 80, rows: 24 })
    first.say({ type: 'colors', channel: 1, ...light })
    await until(() => program.looks.length === 1)
    const second = await attach(server, id, { cols: 100, rows: 30 })
    second.say({ type: 'colors', channel: 1, ...dark })
    second.say({ type: 'colors', channel: 1, ...dark, cursor: 'url(x)' })
    second.say({ type: 'colors', channel: 1, ...dark })
    second.say({ type: 'ping', time: 1 })
    await second.frame('pong')
    expect(program.looks).toEqual([light])
    second.say({ type: 'resize', channel: 1, cols: 100, rows: 30, claim: true })
    await until(() => program.looks.length === 2)
    expect(program.looks).toEqual([light, dark])
  })

  it('shows what the cap has dropped as a gap', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    server.runtime.last().prints('0123456789')
    server.runtime.last().drops(8)
    const viewer = await attach(server, id)
    expect(await viewer.frame('gap')).toMatchObject({ from: 0, to: 8 })
    await until(() => viewer.output.toString() === '89')
  })

  it('to many sessions works over one socket, and a refusal ends one channel only', async () => {
    const server = await testServer(onTestFinished)
    const first = await server.session()
    server.runtime.last().prints('first')
    const second = await server.session()
    server.runtime.last().prints('second')
    const socket = await openSocket(server, '/ws')
    socket.say({ type: 'hello', version: 1, clientId: 'c' })
    const how = { type: 'attach', epoch: '', have: 0, cols: 0, rows: 0, mode: 'driver' } as const
    socket.say({ ...how, channel: 7, session: first })
    socket.say({ ...how, channel: 300, session: second })
    socket.say({ ...how, channel: 8, session: 'nope' })
    expect(await socket.frame('refused')).toMatchObject({ channel: 8, code: 4404 })
    await until(() => socket.frames.filter((frame) => frame.type === 'output').length === 2)
    const outputs = socket.frames.flatMap((frame) =>
      frame.type === 'output' ? [[frame.channel, Buffer.from(frame.bytes).toString()]] : [],
    )
    expect(outputs).toEqual([
      [7, 'first'],
      [300, 'second'],
    ])
    expect(socket.closed).toBeUndefined()
  })

  it('from the same client elsewhere ends the older connection with 4409', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const older = await attach(server, id, { clientId: 'me' })
    await older.frame('attached')
    const newer = await attach(server, id, { clientId: 'me' })
    expect(await older.whenClosed()).toBe(4409)
    await newer.frame('attached')
    expect(newer.closed).toBeUndefined()
  })

  it('to a session that is not there is refused after the upgrade, with 4404', async () => {
    const server = await testServer(onTestFinished)
    const viewer = await attach(server, 'nope')
    expect(await viewer.frame('refused')).toMatchObject({ code: 4404 })
    expect(await viewer.whenClosed()).toBe(4404)
  })
})

describe('typing', () => {
  it('is accepted by number, and typed once however often it comes', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const viewer = await attach(server, id, { clientId: 'me' })
    // Nothing waits for `attached`: what comes early is kept in order.
    viewer.say({ type: 'input', channel: 1, seq: 1, bytes: Buffer.from([0xff, 0x00]) })
    viewer.say({ type: 'input', channel: 1, seq: 2, bytes: Buffer.from('b') })
    viewer.say({ type: 'input', channel: 1, seq: 2, bytes: Buffer.from('b') })
    await until(() => viewer.frames.filter(({ type }) => type === 'accepted').length === 3)
    expect(server.runtime.last().typed).toEqual(Buffer.from([0xff, 0x00, 0x62]))

    const again = await attach(server, id, { clientId: 'me' })
    expect(await again.frame('attached')).toMatchObject({ inputSeq: 2 })
  })

  it('with a number left out is a bad frame', async () => {
    const server = await testServer(onTestFinished)
    const viewer = await attach(server, await server.session())
    viewer.say({ type: 'input', channel: 1, seq: 2, bytes: Buffer.from('x') })
    expect(await viewer.whenClosed()).toBe(4400)
  })

  it('by a viewer is refused with 4403, and reaches nobody', async () => {
    const server = await testServer(onTestFinished)
    const viewer = await attach(server, await server.session(), { mode: 'viewer' })
    expect(await viewer.frame('attached')).toMatchObject({ mode: 'viewer' })
    viewer.say({ type: 'input', channel: 1, seq: 1, bytes: Buffer.from('rm -rf /\n') })
    expect(await viewer.frame('refused')).toMatchObject({ code: 4403 })
    expect(await viewer.whenClosed()).toBe(4403)
    expect(server.runtime.last().typed).toHaveLength(0)
  })

  it('faster than the program reads makes the socket wait, and loses nothing', async () => {
    const server = await testServer(onTestFinished)
    const viewer = await attach(server, await server.session())
    await viewer.frame('attached')
    const program = server.runtime.last()
    program.takesInput = false
    const piece = Buffer.alloc(64 * 1024, 'x')
    for (let seq = 1; seq <= 200; seq++)
      viewer.say({ type: 'input', channel: 1, seq, bytes: piece })
    await until(() => program.inputBacklogBytes > 1024 * 1024)
    const typed = program.typed.length
    expect(typed).toBeLessThan(4 * 1024 * 1024)
    await until(() => {
      program.takes()
      return program.typed.length === 200 * piece.length
    })
    await until(() => viewer.frames.filter(({ type }) => type === 'accepted').length === 200)
  })
})

describe('the size', () => {
  it('is the first driver’s, and goes to whoever types; a viewer has no say', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const desk = await attach(server, id, { cols: 200, rows: 50 })
    await until(() => desk.frames.some((frame) => frame.type === 'size' && frame.owner === 'you'))
    const phone = await attach(server, id, { cols: 40, rows: 20 })
    expect(await phone.frame('size')).toMatchObject({ cols: 200, rows: 50, owner: 'other' })
    const onlooker = await attach(server, id, { cols: 10, rows: 10, mode: 'viewer' })
    await onlooker.frame('size')
    onlooker.say({ type: 'resize', channel: 1, cols: 11, rows: 11, claim: true })
    phone.say({ type: 'input', channel: 1, seq: 1, bytes: Buffer.from('x') })
    await until(() => desk.frames.some((frame) => frame.type === 'size' && frame.owner === 'other'))
    expect(server.runtime.last().sizes).toEqual([
      { cols: 200, rows: 50 },
      { cols: 40, rows: 20 },
    ])
  })
})

describe('the exit', () => {
  it('comes after the last byte with the final offset, and closes with 1000', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const viewer = await attach(server, id)
    await viewer.frame('attached')
    server.runtime.last().prints('last words')
    server.runtime.last().exits(3)
    expect(await viewer.whenClosed()).toBe(1000)
    expect(viewer.frames.at(-1)).toEqual({
      type: 'exit',
      channel: 1,
      offset: 10,
      code: 3,
      signal: '',
    })
    expect(viewer.output.toString()).toBe('last words')
    expect(await (await server.request('/api/sessions')).json()).toEqual([])
  })

  it('is told to a viewer that was away, for a while, if it knows the epoch', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const { epoch } = server.runtime.last().log
    server.runtime.last().prints('0123456789')
    server.runtime.last().exits(undefined, 'SIGKILL')
    const back = await attach(server, id, { epoch, have: 4 })
    expect(await back.frame('exit')).toMatchObject({
      offset: 10,
      code: undefined,
      signal: 'SIGKILL',
    })
    expect(back.output.toString()).toBe('456789')
    const stranger = await attach(server, id)
    expect(await stranger.whenClosed()).toBe(4404)
  })

  it('by DELETE is told to everybody who is attached', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const viewers = await Promise.all([attach(server, id), attach(server, id)])
    for (const viewer of viewers) await viewer.frame('attached')
    expect((await server.request(`/api/sessions/${id}`, { method: 'DELETE' })).status).toBe(200)
    for (const viewer of viewers) {
      expect(await viewer.whenClosed()).toBe(1000)
      expect(viewer.frames.at(-1)).toMatchObject({ type: 'exit', signal: 'SIGHUP' })
    }
    expect(await (await attach(server, id)).whenClosed()).toBe(4404)
  })

  it('of a session whose host was lost says so', async () => {
    const server = await testServer(onTestFinished)
    const viewer = await attach(server, await server.session())
    await viewer.frame('attached')
    server.runtime.last().becomes({ name: 'lost', reason: 'its host was killed' })
    expect(await viewer.frame('notice')).toMatchObject({
      code: 'LOST',
      text: 'its host was killed',
    })
    expect(await viewer.frame('exit')).toMatchObject({ code: undefined, signal: '' })
    expect(await (await server.request('/api/sessions')).json()).toMatchObject([{ status: 'lost' }])
  })
})
