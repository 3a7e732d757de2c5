import type { Asked } from '@conductor/process-manager'
import type { AppContext } from './app-env.ts'

/** In the tally stands nothing longer. */
const LONGEST_ACTOR = 100

/** Who asks, for the tally: whoever asks may say in whose name, as the command line does. */
export function askedBy(c: AppContext): Asked {
  const said = printable(c.req.header('x-conductor-actor') ?? '')
  return { by: said || printable(`${c.req.method} ${c.req.path}`) }
}

/** Printable ASCII alone, because a terminal shows it. */
export function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, LONGEST_ACTOR)
}
