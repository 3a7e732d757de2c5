import { useEffect, useState } from 'preact/hooks'
import type { OpenReplay } from './open-replay.ts'

/** One for as long as the view is shown. */
export function useOpenReplay(create: () => OpenReplay): OpenReplay {
  const [open] = useState(create)
  useEffect(() => () => open.close(), [open])
  return open
}
