import type { Asked } from '@conductor/process-manager'
import type { Login } from '../auth/token-store.ts'
import type { Who } from '../sessions/open-session.ts'
import { type AppContext, addressOf } from './app-env.ts'

/** In the tally stands nothing longer. */
const LONGEST_ACTOR = 100

/** Who asks, for the tally: whoever asks may say in whose name, as the command line does. */
export function askedBy(c: AppContext): Asked {
  const said = printable(c.req.header('x-conductor-actor') ?? '')
  return { by: said || printable(`${c.req.method} ${c.req.path}`) }
}

/** How somebody came in, and from where. */
export function whoIs(c: AppContext, { scope, isCommandLine = false }: Login): Who {
  const address = addressOf(c)
  const shown = address ? { address } : {}
  if (scope?.kind !== 'share') return { via: isCommandLine ? 'cli' : 'login', ...shown }
  const { shareId, label } = scope
  return { via: `share:${shareId}`, ...(label !== undefined && { label }), ...shown }
}

/** Printable ASCII alone, because a terminal shows it. */
export function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, LONGEST_ACTOR)
}
