import { SPEEDS } from '../../replay/player.ts'
import type { Replay } from '../../replay/replay.ts'
import type { TimeScale } from '../../replay/time-scale.ts'

/** How far an arrow goes, in milliseconds of what is shown of the time; with Shift, so many times as far. */
const ARROW_MS = 5_000
const SHIFTED = 6

/** @returns Whether the key means something to a player, in which case it was done. */
export function replayKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey' | 'target'>,
  replay: Replay,
  scaleNow: () => TimeScale,
): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || isControl(event.target)) return false
  switch (event.key) {
    case ' ':
      replay.toggle()
      return true
    case 'ArrowLeft':
    case 'ArrowRight': {
      const by = event.key === 'ArrowLeft' ? -1 : 1
      moveBy(replay, scaleNow(), by * ARROW_MS * (event.shiftKey ? SHIFTED : 1))
      return true
    }
    case '[':
    case ']':
      replay.step(event.key === '[' ? -1 : 1)
      return true
    case 'Home':
      void replay.seek(0)
      return true
    case 'End':
      void replay.seek(Number.MAX_SAFE_INTEGER)
      return true
    case '<':
    case '>':
      changeSpeed(replay, event.key === '<' ? -1 : 1)
      return true
    default:
      return false
  }
}

function moveBy(replay: Replay, scale: TimeScale, byMs: number): void {
  const { timeMs } = replay.state.peek().player
  const at = scale.positionOf(timeMs) + byMs / scale.lengthMs
  void replay.seekTime(scale.timeOf(at))
}

function changeSpeed(replay: Replay, by: number): void {
  const index = SPEEDS.findIndex((speed) => speed >= replay.state.peek().player.speed)
  const next = SPEEDS[index + by]
  if (next) replay.setSpeed(next)
}

/** Fields and buttons have keys of their own; the terminal's hidden field has not. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.matches('input, select, button, textarea:not(.xterm-helper-textarea)')
  )
}
