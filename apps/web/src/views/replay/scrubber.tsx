import './scrubber.css'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { stepsOf } from '../../replay/steps.ts'
import { densityOf } from '../../replay/time-scale.ts'
import { timeAt } from '../../replay/timeline.ts'
import type { OpenReplay } from './open-replay.ts'
import { durationText } from './replay-text.ts'

/** Bars of activity, and steps of the slider. */
const BARS = 160
const STEPS = 10_000

/** More marks cannot be told apart. */
const MOST_MARKS = 300

/** The line of time: how much was said when, where something begins, and where we are. */
export function Scrubber({ open }: { readonly open: OpenReplay }): JSX.Element {
  const { replay } = open
  const { timeline, player, prompts, indexed, isIndexed } = replay.state.value
  const scale = open.scale.value
  const bars = useMemo(() => (timeline ? densityOf(timeline, scale, BARS) : []), [timeline, scale])
  const marks = useMemo(() => {
    if (!timeline) return []
    const steps = stepsOf(timeline, prompts).slice(0, MOST_MARKS)
    return steps.map((offset) => scale.positionOf(timeAt(timeline, offset)))
  }, [timeline, scale, prompts])
  const startMs = timeline?.startMs ?? 0
  const at = scale.positionOf(player.timeMs)
  const read = timeline && !isIndexed ? scale.positionOf(timeAt(timeline, indexed)) : 1
  const percent = (position: number): string => `${(position * 100).toFixed(3)}%`

  return (
    <div class="scrubber" style={{ '--at': at, '--read': read }}>
      <svg
        class="scrubber-bars"
        viewBox={`0 0 ${BARS} 1`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        <path
          d={bars.map((value, x) => (value > 0 ? `M${x} 1V${1 - value}h.8V1z` : '')).join('')}
        />
      </svg>
      {scale.cuts.slice(0, MOST_MARKS).map((position) => (
        <span key={`c${position}`} class="scrubber-cut" style={{ left: percent(position) }} />
      ))}
      {timeline?.resizes.slice(1, MOST_MARKS).map(({ timeMs, offset }) => (
        <span
          key={`r${offset} ${timeMs}`}
          class="scrubber-resize"
          style={{ left: percent(scale.positionOf(timeMs)) }}
        />
      ))}
      {marks.map((position, index) => (
        <span key={index} class="scrubber-mark" style={{ left: percent(position) }} />
      ))}
      {timeline?.markers.slice(0, MOST_MARKS).map(({ timeMs, type, offset }) => (
        <span
          key={`m${type} ${offset} ${timeMs}`}
          class="scrubber-event"
          data-type={type}
          style={{ left: percent(scale.positionOf(timeMs)) }}
        />
      ))}
      <span class="scrubber-now" />
      <input
        type="range"
        class="scrubber-input"
        aria-label="Time"
        aria-valuetext={durationText(Math.max(player.timeMs - startMs, 0))}
        min="0"
        max={STEPS}
        step="1"
        value={Math.round(at * STEPS)}
        onInput={({ currentTarget }) =>
          void replay.seekTime(scale.timeOf(Number(currentTarget.value) / STEPS))
        }
      />
    </div>
  )
}
