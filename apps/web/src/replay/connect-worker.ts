import type { FromReplay, ToReplay } from './messages.ts'
import type { ReplayPort } from './replay.ts'

/** Starts the worker that reads a recording. */
export function connectWorker(receive: (message: FromReplay) => void): ReplayPort {
  const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<FromReplay>) => receive(data))
  worker.addEventListener('error', () =>
    receive({ type: 'failed', text: 'The recording cannot be read here', isRefused: false }),
  )
  return {
    post: (message: ToReplay) => worker.postMessage(message),
    close: () => worker.terminate(),
  }
}
