import type { ColorName, OutputEvent, QueryKind } from '../output-events.ts'
import { cleanText, textOf } from './text.ts'

/** What an OSC string is about, without its place. */
type Found = WithoutSpan<OutputEvent>
type WithoutSpan<T> = T extends unknown ? Omit<T, 'start' | 'end'> : never

const PROGRESS = ['none', 'normal', 'error', 'indeterminate', 'paused'] as const
const MARKS = { A: 'prompt', B: 'command', C: 'output', D: 'done' } as const
const DEFAULT_COLORS = ['foreground', 'background', 'cursor'] as const

/** Notifications of OSC 99 that are open at once, and characters of each: a program that opens more loses the oldest. */
const MOST_OPEN = 8
const MOST_CHUNK_CHARACTERS = 4_096

/** Reads OSC strings. Keeps the chunks of OSC 99 until their last one. */
export function createOscReader(): (data: Buffer, sizeBytes: number) => readonly Found[] {
  const open = new Map<string, { title: string; body: string }>()

  function chunk(rest: string): readonly Found[] {
    const split = rest.indexOf(';')
    if (split === -1) return []
    const about = new Map(
      rest
        .slice(0, split)
        .split(':')
        .map((each) => [each.slice(0, 1), each.slice(2)] as const),
    )
    const id = about.get('i') ?? ''
    const what = about.get('p') ?? 'title'
    if (what !== 'title' && what !== 'body') return []
    const text = about.get('e') === '1' ? decoded(rest.slice(split + 1)) : rest.slice(split + 1)
    const so = open.get(id) ?? { title: '', body: '' }
    open.delete(id)
    so[what] = (so[what] + text).slice(0, MOST_CHUNK_CHARACTERS)
    if (about.get('d') === '0') {
      open.set(id, so)
      const [oldest] = open.keys()
      if (open.size > MOST_OPEN && oldest !== undefined) open.delete(oldest)
      return []
    }
    return notification(so.title, so.body)
  }

  return (data, sizeBytes) => {
    const isWhole = data.length === sizeBytes
    const text = textOf(data)
    const split = text.indexOf(';')
    const code = split === -1 ? text : text.slice(0, split)
    const rest = split === -1 ? '' : text.slice(split + 1)
    switch (code) {
      case '0':
      case '2':
        return [{ type: 'title', text: cleanText(rest) }]
      case '4':
        return isWhole ? paletteQuery(rest) : []
      case '5':
      case '13':
      case '14':
      case '15':
      case '16':
      case '17':
      case '18':
      case '19':
        return rest.split(';').includes('?') ? [asked({ kind: 'other', name: `OSC ${code}` })] : []
      case '7':
        return folder(rest)
      case '9':
        return rest.startsWith('4;') || rest === '4' ? progress(rest) : notification('', rest)
      case '10':
      case '11':
      case '12':
        return defaultColorQuery(Number(code) - 10, rest)
      case '52':
        return clipboard(rest, sizeBytes - Buffer.byteLength(`${code};`))
      case '99':
        return chunk(rest)
      case '133':
        return promptMark(rest)
      case '777':
        return rest.startsWith('notify;') ? parted(rest.slice('notify;'.length)) : []
      default:
        return []
    }
  }
}

const asked = (query: QueryKind): Found => ({ type: 'query', ...query })

function notification(title: string, body: string): readonly Found[] {
  const clean = { title: cleanText(title), body: cleanText(body) }
  return clean.title || clean.body ? [{ type: 'notification', ...clean }] : []
}

function parted(rest: string): readonly Found[] {
  const split = rest.indexOf(';')
  return split === -1
    ? notification(rest, '')
    : notification(rest.slice(0, split), rest.slice(split + 1))
}

/** `index;spec;index;spec …`: some may be set and others asked for. */
function paletteQuery(rest: string): readonly Found[] {
  const slots = rest.split(';')
  const colors: ColorName[] = []
  for (let at = 0; at + 1 < slots.length; at += 2) {
    const index = slots[at] ?? ''
    if (slots[at + 1] === '?' && /^\d+$/.test(index) && Number(index) < 256)
      colors.push(Number(index))
  }
  return colors.length > 0 ? [asked({ kind: 'color', colors })] : []
}

/** OSC 10 with more than one slot goes on to 11 and 12. */
function defaultColorQuery(first: number, rest: string): readonly Found[] {
  const colors = rest
    .split(';')
    .slice(0, DEFAULT_COLORS.length - first)
    .flatMap((slot, index) => (slot === '?' ? (DEFAULT_COLORS[first + index] ?? []) : []))
  return colors.length > 0 ? [asked({ kind: 'color', colors })] : []
}

function progress(rest: string): readonly Found[] {
  const [, code = '0', value = ''] = rest.split(';')
  const state = PROGRESS[Number(code)]
  if (!state) return []
  const percent = /^\d+$/.test(value) ? Math.min(Number(value), 100) : undefined
  const hasPercent = state !== 'none' && state !== 'indeterminate'
  return [{ type: 'progress', state, percent: hasPercent ? percent : undefined }]
}

function folder(rest: string): readonly Found[] {
  const match = /^file:\/\/([^/]*)(\/.*)$/s.exec(rest)
  if (!match) return []
  const [, host = '', path = ''] = match
  const decodedPath = unescaped(path)
  // A path that changes when it is cleaned is not a path that can be trusted to be shown.
  if (decodedPath === undefined || cleanText(decodedPath, 4_096) !== decodedPath) return []
  return [{ type: 'cwd', host: cleanText(host, 255), path: decodedPath }]
}

function promptMark(rest: string): readonly Found[] {
  const [letter = '', value = ''] = rest.split(';')
  if (letter !== 'A' && letter !== 'B' && letter !== 'C' && letter !== 'D') return []
  const exitCode = letter === 'D' && /^-?\d{1,10}$/.test(value) ? Number(value) : undefined
  return [{ type: 'prompt-mark', mark: MARKS[letter], exitCode }]
}

function clipboard(rest: string, restBytes: number): readonly Found[] {
  const split = rest.indexOf(';')
  if (split === -1) return []
  const selection = cleanText(rest.slice(0, split), 16)
  if (rest.slice(split + 1) === '?') return [asked({ kind: 'clipboard' })]
  const base64Bytes = Math.max(restBytes - split - 1, 0)
  return [{ type: 'clipboard-write', selection, sizeBytes: Math.floor((base64Bytes * 3) / 4) }]
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
