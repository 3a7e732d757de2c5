import './worker-scope.ts'

import { systemClock } from '@conductor/machine'
import { createCastRecording } from './cast-recording.ts'
import type { FromReplay, ToReplay } from './messages.ts'
import { createReplayEngine, type ReplayEngine } from './replay-engine.ts'
import { createServerRecording } from './server-recording.ts'

// A worker for each recording that is shown; it ends with its view.

let engine: ReplayEngine | undefined

addEventListener('message', ({ data }: MessageEvent<ToReplay>) => {
  switch (data.type) {
    case 'open':
      engine = createReplayEngine({
        recording:
          'url' in data.source
            ? createServerRecording(data.source.url)
            : createCastRecording(data.source.file),
        post: (message: FromReplay) => postMessage(message),
        clock: systemClock,
      })
      break
    case 'seek':
      engine?.seek(data.id, data.offset, data.toLineEnd)
      break
    case 'more':
      engine?.more(data.id)
      break
    case 'refresh':
      engine?.refresh()
  }
})
