import type { QueryKind } from '../output-events.ts'
import type { Control } from './control.ts'

/** The operations of XTWINOPS that report something: the others iconify, push titles and so on. */
const WINDOW_REPORTS: ReadonlySet<number> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21])

/** What this control sequence asks, if it asks anything. */
export function queryOf(control: Control, final: string): QueryKind | undefined {
  const { prefix, intermediates, parameters } = control
  const [first = 0] = parameters
  switch (`${prefix}${intermediates}${final}`) {
    case 'c':
      return first === 0 ? { kind: 'device-attributes', level: 1 } : undefined
    case '>c':
      return first === 0 ? { kind: 'device-attributes', level: 2 } : undefined
    case '=c':
      return first === 0 ? { kind: 'device-attributes', level: 3 } : undefined
    case '>q':
      return { kind: 'version' }
    case 'n':
      if (first === 5) return { kind: 'status' }
      return first === 6 ? { kind: 'cursor-position', isPrivate: false } : undefined
    case '?n':
      return first === 6
        ? { kind: 'cursor-position', isPrivate: true }
        : { kind: 'private-status', code: first }
    case '$p':
      return { kind: 'mode', isPrivate: false, mode: first }
    case '?$p':
      return { kind: 'mode', isPrivate: true, mode: first }
    case '?u':
      return { kind: 'keyboard-flags' }
    case 't':
      return WINDOW_REPORTS.has(first) ? { kind: 'window', operation: first } : undefined
    case '*y':
      return { kind: 'checksum' }
    case 'x':
      return first < 2 ? { kind: 'other', name: 'DECREQTPARM' } : undefined
    case '&u':
      return { kind: 'other', name: 'DECRQUPSS' }
    case '$u':
      return { kind: 'other', name: 'DECRQTSR' }
    case '$w':
      return { kind: 'other', name: 'DECRQPSR' }
    case '?S':
      return { kind: 'other', name: 'XTSMGRAPHICS' }
    default:
      return undefined
  }
}
