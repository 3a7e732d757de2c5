import { systemClock } from '@conductor/machine'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeRecording } from '../testing/fake-recording.ts'
import { createHeadlessScreen, parsed, textOf } from '../testing/headless-screen.ts'
import type { KeyframesOptions } from './keyframes.ts'
import type { FromReplay, ShownMessage } from './messages.ts'
import type { Recording } from './recording.ts'
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
})
