import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClientCore } from './client-core.ts'
import { fakeConnection } from './testing/fake-connection.ts'
import { type ModelHost, modelHost } from './testing/model-host.ts'
import { modelServer } from './testing/model-server.ts'
import { createWitness } from './testing/witness.ts'
import type { Session } from './types.ts'

// THE promise: whatever happens to the connection and the server, a viewer's bytes are the log's, less
// what a gap named, and what is typed is typed once and in order. A client of ours against a model of
// the server, with random steps between them; nothing here waits for real time.

type StepName =
  | 'produce' // the program says `size` bytes
  | 'evict' // the cap drops `size` bytes of its history
  | 'exit' // it ends
  | 'relaunch' // another takes its place
  | 'serve' // the server sends, up to `back` bytes again, and leaves out `skip` if it is a lossy one
  | 'hear' // `size` frames of the client arrive at the server
  | 'pass' // `size` inputs get from the server, or from one that is gone, to the program
  | 'deliver' // `size` frames of the server arrive at the client
  | 'drop' // the connection is lost, `size` frames of the client being on their way still
  | 'open' // the client has a connection again
  | 'type' // somebody types `size` words of four bytes
  | 'show' // `size` pieces of output were shown
  | 'wait' // `size` milliseconds pass
  | 'release' // somebody has what was held back sent
  | 'discard' // or forgotten

interface Step {
  readonly type: StepName
  readonly which: number
  readonly size: number
  /** For `pass`: over which of the server's links to the program. */
  readonly back: number
  readonly skip: number
}

const few = fc.nat(6)
// Mostly keys, sometimes a paste over several frames.
const words = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) },
  fc.nat(300),
  fc.nat(20_000),
)
const seldom = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(50))

function often(weight: number, type: StepName, size: fc.Arbitrary<number> = few) {
  const more = type === 'serve' ? seldom : few
  const fields = { type: fc.constant(type), which: fc.nat(1), size, back: more, skip: more }
  return { weight, arbitrary: fc.record(fields) }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  often(4, 'produce', fc.nat(400)),
  often(1, 'evict', fc.nat(400)),
  often(4, 'type', words),
  often(5, 'serve', fc.nat(300)),
  often(3, 'hear'),
  often(3, 'deliver'),
  often(3, 'pass'),
  often(1, 'show'),
  often(1, 'drop'),
  often(3, 'open'),
  often(2, 'wait', fc.constantFrom(1, 250, 10_000, 40_000)),
  often(1, 'release'),
  often(1, 'discard'),
  often(1, 'relaunch'),
  often(1, 'exit'),
)

interface Faults {
  readonly windowBytes: number
  readonly rewindBytes: number
  /** Further behind than this the clients take snapshots; 0: they take none. */
  readonly catchUpBytes: number
  /** The server leaves bytes out, and sends them when asked again. */
  readonly lossy: boolean
  readonly relaunches: boolean
  readonly exits: boolean
  readonly discards: boolean
}

function run(steps: readonly Step[], faults: Faults): void {
  const clock = fakeClock()
  const connection = fakeConnection()
  const names = ['a', 'b'] as const
  const hosts = new Map(names.map((name) => [name as string, modelHost(`${name}0`)]))
  const allHosts = new Map(names.map((name) => [name as string, [hosts.get(name) as ModelHost]]))
  const hostOf = (name: string): ModelHost => hosts.get(name) as ModelHost
  const { windowBytes, rewindBytes } = faults
  const server = modelServer({ connection, host: hostOf, windowBytes, rewindBytes })
  const client = createClientCore({
    clientId: 'c1',
    staleInputMs: 30_000,
    maxPendingBytes: 1024 * 1024,
    clock,
    connect: connection.connect,
  })
  const views = names.map((name) => {
    const witness = createWitness(() => hostOf(name))
    const { catchUpBytes } = faults
    const catchUp = catchUpBytes > 0 && { catchUpBytes, onSnapshot: witness.snapshot }
    const size = { cols: 80, rows: 24 }
    const session = client.attach({ session: name, ...size, onOutput: witness.output, ...catchUp })
    witness.follow(session)
    const surely = new Set<number>()
    return { name, witness, session, surely, perhaps: new Set<number>(), words: 0, relaunched: 0 }
  })
  const viewOf = (index: number) => views[index] as (typeof views)[number]

  /** Words of a growing number, so that a lost, repeated or misplaced one shows. */
  function typeWords(view: (typeof views)[number], count: number): void {
    const words = Uint32Array.from({ length: count }, (_, i) => view.words + i)
    if (!view.session.type(new Uint8Array(words.buffer))) return
    for (const word of words) view.surely.add(word)
    view.words += count
  }

  function discard(view: (typeof views)[number]): void {
    const { heldBytes } = view.session.pending
    const held = view.session.readPending(heldBytes)
    for (const word of wordsOf(held)) {
      view.surely.delete(word)
      view.perhaps.add(word)
    }
    view.session.discardHeld()
  }

  function lose(heard: number): void {
    if (connection.state.name !== 'open') return
    server.drop(heard)
    connection.drops()
  }

  function relaunch(view: (typeof views)[number]): void {
    lose(0)
    hostOf(view.name).exit()
    const next = modelHost(`${view.name}${++view.relaunched}`)
    hosts.set(view.name, next)
    allHosts.get(view.name)?.push(next)
  }

  function open(): void {
    if (connection.state.name !== 'idle' && connection.state.name !== 'open') connection.opens()
  }

  const take: Readonly<Record<StepName, (step: Step) => void>> = {
    produce: (s) => hostOf(viewOf(s.which).name).produce(s.size),
    evict: (s) => hostOf(viewOf(s.which).name).evict(s.size),
    type: (s) => typeWords(viewOf(s.which), s.size),
    serve: (s) => server.serve(s.size, { back: s.back, skip: faults.lossy ? s.skip : 0 }),
    hear: (s) => server.hear(s.size),
    deliver: (s) => server.deliver(s.size),
    pass: (s) => server.passInput(s.size, s.back),
    show(s) {
      for (const { witness } of views) for (const done of witness.undone.splice(0, s.size)) done()
    },
    drop: (s) => lose(s.size),
    wait: (s) => clock.advance(s.size),
    open,
    release: (s) => viewOf(s.which).session.sendHeld(),
    discard: (s) => faults.discards && discard(viewOf(s.which)),
    relaunch: (s) => faults.relaunches && relaunch(viewOf(s.which)),
    exit: (s) => faults.exits && hostOf(viewOf(s.which).name).exit(),
  }

  for (const s of steps) take[s.type](s)

  // What a server left out at the very end shows when there is more.
  if (faults.lossy) for (const host of hosts.values()) host.produce(1)

  // Everything comes right in the end, as networks do.
  for (let round = 0; ; round++) {
    if (round > 10_000) expect.fail('it never comes to rest')
    open()
    const before = views.map(({ witness, session }) => [witness.next, session.pending])
    for (const { session } of views) session.sendHeld()
    server.hear(1_000)
    server.passAllInput()
    server.serve(5_000)
    server.deliver(1_000)
    for (const { witness } of views) for (const done of witness.undone.splice(0)) done()
    clock.advance(250)
    const after = views.map(({ witness, session }) => [witness.next, session.pending])
    const undecided = views.some(({ session }) => session.pending.heldBytes > 0 && !over(session))
    if (server.onTheWay > 0 || undecided) continue
    if (JSON.stringify(before) === JSON.stringify(after)) break
  }

  expect(server.violations).toEqual([])
  expect(connection.abandoned).toEqual([])
  for (const { name, witness, session, surely, perhaps } of views) {
    const host = hostOf(name)
    const attachedOnce = session.epoch === host.epoch
    if (attachedOnce) expect(witness.next).toBe(host.end)
    if (host.exited && attachedOnce) expect(session.status.name).toBe('ended')
    expect(witness.complete).toBe(session.status.name === 'ended' ? true : undefined)

    const seen = new Set<number>()
    for (const { typed } of allHosts.get(name) ?? []) {
      // Once and in order for each program; only a person sends again to the next what the last had.
      let last = -1
      for (const bytes of typed)
        for (const word of wordsOf(bytes)) {
          if (word <= last) expect.fail(`word ${word} repeated or late`)
          if (!surely.has(word) && !perhaps.has(word)) expect.fail(`word ${word} from nowhere`)
          last = word
          seen.add(word)
        }
    }
    // What an ended program could not take stays pending, and is shown as such.
    const left = session.readPending(Number.MAX_SAFE_INTEGER)
    for (const word of wordsOf(left)) seen.add(word)
    for (const word of surely) if (!seen.has(word)) expect.fail(`word ${word} lost`)
    if (!over(session)) expect(session.pending.sizeBytes).toBe(0)
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer)
}

function over({ status }: Session): boolean {
  return status.name === 'ended' || status.name === 'refused'
}

const faults = (over: Partial<Record<keyof Faults, fc.Arbitrary<unknown>>>) =>
  fc.record({
    windowBytes: fc.constantFrom(1, 100, 1_000_000),
    rewindBytes: fc.constantFrom(0, 64),
    catchUpBytes: fc.constantFrom(0, 0, 1, 200),
    lossy: fc.constant(false),
    relaunches: fc.constant(false),
    exits: fc.constant(false),
    discards: fc.constant(false),
    ...over,
  }) as fc.Arbitrary<Faults>

const steps = fc.array(step, { minLength: 10, maxLength: 150, size: 'max' })

describe('a client and a model of the server', () => {
  it('lose, repeat and misplace no byte and no key over drops, late frames, evictions and restarts', () => {
    fc.assert(fc.property(steps, faults({}), run), { numRuns: 400 })
  })

  it('… nor with a server that leaves bytes out until it is asked for them', () => {
    fc.assert(
      fc.property(
        steps,
        faults({ lossy: fc.constant(true), windowBytes: fc.constant(1_000_000) }),
        run,
      ),
      { numRuns: 300 },
    )
  })

  it('… nor with programs that end, and are proved complete', () => {
    fc.assert(fc.property(steps, faults({ exits: fc.constant(true) }), run), { numRuns: 300 })
  })

  it('… nor with programs that are relaunched and typing that is discarded', () => {
    const wild = { relaunches: fc.constant(true), discards: fc.constant(true) }
    fc.assert(fc.property(steps, faults({ ...wild, exits: fc.boolean() }), run), { numRuns: 500 })
  })
})
