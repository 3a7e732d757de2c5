import { systemClock } from '@conductor/machine'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeRecording } from '../testing/fake-recording.ts'
import { createHeadlessScreen, parsed, textOf } from '../testing/headless-screen.ts'
import type { KeyframesOptions } from './keyframes.ts'
import type { FromReplay, ShownMessage } from './messages.ts'
import { type Recording, RecordingError } from './recording.ts'
import { createReplayEngine } from './replay-engine.ts'

type Of<T> = Extract<FromReplay, { type: T }>

function setup(recording: Recording, keyframes?: KeyframesOptions) {
  const said: FromReplay[] = []
  const engine = createReplayEngine({
    recording,
    post: (message) => said.push(message),
    clock: systemClock,
    keyframes,
  })
  onTestFinished(() => engine.close())
  let lastId = 0
  const last = <T extends FromReplay['type']>(type: T): Of<T> | undefined =>
    said.findLast((message): message is Of<T> => message.type === type)
  return {
    engine,
    said,
    last,
    indexed: () => until(() => last('indexed')?.isDone === true),
    async shown(offset: number, toLineEnd = false): Promise<ShownMessage> {
      const id = ++lastId
      engine.seek(id, offset, toLineEnd)
      await until(() => last('shown')?.id === id)
      return last('shown') as ShownMessage
    },
  }
}

/** What a terminal shows that gets a message. */
async function linesOf({ cols, rows, bytes }: ShownMessage): Promise<readonly string[]> {
  const screen = createHeadlessScreen(cols, rows)
  screen.write(bytes)
  await parsed(screen)
  return textOf(screen)
}

/** Numbered lines with colours and wide characters, 10 ms apart, in events that cut them anywhere. */
function longRecording(lines: number) {
  const recording = createFakeRecording()
  for (let n = 1; n <= lines; n++)
    recording.say(n * 10, `\x1b[3${n % 8}mline ${n} é漢字\x1b[0m${n < lines ? '\r\n' : ''}`)
  return recording
}

describe('a replay', () => {
  it('shows any place as a terminal showed it that has read everything before', async () => {
    const recording = longRecording(3_000)
    const { shown, last, indexed } = setup(recording, { everyBytes: 8_192 })
    await indexed()
    expect(last('indexed')?.keyframeBytes).toBeGreaterThan(10_000)
    const whole = createHeadlessScreen()
    let at = 0
    for (const offset of [10_000, 50_000, 90_001]) {
      const part = await recording.read(at, new AbortController().signal)
      for await (const batch of part.events)
        for (const event of batch)
          if (event.type === 'output' && event.offset < offset)
            whole.write(new TextEncoder().encode(event.text).subarray(0, offset - event.offset))
      await parsed(whole)
      at = offset
      const lines = await linesOf(await shown(offset))
      expect(lines.slice(-20)).toEqual(textOf(whole).slice(-20))
    }
  }, 20_000)

  it('shows the latest place that was asked for, and only that', async () => {
    const { engine, said, indexed } = setup(longRecording(2_000))
    await indexed()
    for (let id = 1; id <= 20; id++) engine.seek(id, id * 1_000, false)
    await until(() => said.some((message) => message.type === 'shown' && message.id === 20))
    const shown = said.filter((message) => message.type === 'shown')
    expect(shown.length).toBeLessThan(20)
  })

  it('reads a keyframe’s part of the recording for a jump, and not all of it', async () => {
    const recording = longRecording(3_000)
    const { shown, indexed } = setup(recording, { everyBytes: 8_192 })
    await indexed()
    await shown(80_000)
    expect(80_000 - (recording.reads.at(-1) ?? 0)).toBeLessThan(10_000)
    // From where it is, where that is on the way.
    await shown(81_000)
    expect(recording.reads.at(-1)).toBe(80_000)
  })

  it('shows the whole line that a place is in', async () => {
    const recording = createFakeRecording()
    recording.say(0, 'one\r\ntwo and ')
    recording.say(10, 'a half\r\nthree')
    const { shown, indexed } = setup(recording)
    await indexed()
    expect(await linesOf(await shown(6))).toEqual(['one', 't'])
    expect(await linesOf(await shown(6, true))).toEqual(['one', 'two and a half'])
  })

  it('tells what follows, with its times, and goes on where the recording grows', async () => {
    const recording = createFakeRecording()
    recording.say(100, 'one ')
    recording.say(200, 'two ')
    const { engine, shown, said, last, indexed } = setup(recording)
    await indexed()
    const at = await shown(4)
    expect(at.timeMs).toBe(100)
    engine.more(at.id)
    await until(() => last('events') !== undefined)
    expect(last('events')).toMatchObject({ isEnd: true, events: [{ timeMs: 200, text: 'two ' }] })
    recording.say(300, 'three')
    engine.refresh()
    await until(() => last('indexed')?.offset === recording.end)
    const before = said.length
    engine.more(at.id)
    await until(() => said.slice(before).some((message) => message.type === 'events'))
    expect(last('events')).toMatchObject({ events: [{ timeMs: 300, text: 'three' }] })
    expect(await linesOf(await shown(recording.end))).toEqual(['one two three'])
  })

  it('has the size that the terminal had, and knows the prompts', async () => {
    const recording = createFakeRecording()
    recording.say(0, '\x1b]133;A\x07$ ls\r\n')
    recording.resize(10, 40, 10)
    recording.say(20, '\x1b]133;A\x07$ ')
    const { shown, last, indexed } = setup(recording)
    await indexed()
    expect(last('indexed')?.prompts).toEqual([0, 14])
    expect(await shown(3)).toMatchObject({ cols: 80, rows: 24 })
    expect(await shown(recording.end)).toMatchObject({ cols: 40, rows: 10 })
    expect(await shown(3)).toMatchObject({ cols: 80, rows: 24 })
  })

  it('cuts no character that two events share', async () => {
    const recording = createFakeRecording()
    const bytes = new TextEncoder().encode('漢')
    // As the server tells it: the first event lacks the character that it begins, the second has all of it.
    const events = [
      { type: 'output', timeMs: 0, offset: 0, text: 'a' },
      { type: 'output', timeMs: 1, offset: 2, text: '漢b' },
    ] as const
    const whole: Recording = {
      ...recording,
      async read(from) {
        async function* all() {
          yield from === 0
            ? [...events]
            : [{ ...events[1], offset: from, text: from > 1 ? 'b' : '漢b' }]
        }
        return { from, timeMs: 0, size: { cols: 80, rows: 24 }, events: all() }
      },
    }
    const { shown, indexed, last } = setup(whole, { everyBytes: 1 })
    await indexed()
    expect(last('indexed')?.offset).toBe(1 + bytes.length + 1)
    expect(await linesOf(await shown(5))).toEqual(['a漢b'])
    expect(await linesOf(await shown(1 + bytes.length))).toEqual(['a漢'])
  })

  it('says why there is none', async () => {
    const { last } = setup({
      read: () => Promise.reject(new RecordingError('Nothing is kept of this session')),
    })
    await until(() => last('failed') !== undefined)
    expect(last('failed')).toMatchObject({
      text: 'Nothing is kept of this session',
      isRefused: false,
    })
  })
})
