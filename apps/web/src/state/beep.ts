/** Of the tone, in hertz, and how long it is, in seconds. */
const PITCH_HZ = 660
const LENGTH_S = 0.12
const LOUDNESS = 0.08

/** A short soft tone. Browsers allow one only after a person has done something on the page. */
export function createBeep(): () => void {
  let context: AudioContext | undefined
  return () => {
    context ??= new AudioContext()
    const tone = new OscillatorNode(context, { frequency: PITCH_HZ })
    const gain = new GainNode(context, { gain: LOUDNESS })
    const now = context.currentTime
    gain.gain.exponentialRampToValueAtTime(0.001, now + LENGTH_S)
    tone.connect(gain).connect(context.destination)
    tone.start(now)
    tone.stop(now + LENGTH_S)
  }
}
