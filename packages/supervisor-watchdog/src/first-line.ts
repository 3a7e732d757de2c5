/** Who a client says it is. Nothing proves it: show it to people, and signal nobody by it. */
export interface ClientInfo {
  readonly pid?: number | undefined
  readonly name?: string | undefined
}

/** What a connection may say first: who it is, or that it only asks whether somebody listens. */
export type FirstLine =
  | { readonly kind: 'client'; readonly info: ClientInfo }
  | { readonly kind: 'probe'; readonly token: string }

/** A longer first line is garbage, in bytes. */
const LONGEST_LINE_BYTES = 1_024

/** A longer name is garbage, in UTF-16 units: it stands in a list. */
const LONGEST_NAME = 100

const CONTROL = /\p{Cc}/u

export function encodeClient(info: ClientInfo): string {
  return `${JSON.stringify(info)}\n`
}

export function encodeProbe(token: string): string {
  return `${JSON.stringify({ probe: token })}\n`
}

/**
 * Reads what a connection says first, and nothing after it.
 *
 * @param tell Called at most once. A line that is too long, or that we do not understand, is no line.
 * @returns Takes the chunks as they come. Whatever else they hold is thrown away.
 */
export function createFirstLine(tell: (line: FirstLine) => void): (chunk: Buffer) => void {
  let read: Buffer | undefined = Buffer.alloc(0)
  return (chunk) => {
    if (!read) return
    read = Buffer.concat([read, chunk.subarray(0, LONGEST_LINE_BYTES + 1)])
    const end = read.indexOf(0x0a)
    if (end < 0 && read.length <= LONGEST_LINE_BYTES) return
    const line =
      end < 0 || end > LONGEST_LINE_BYTES ? undefined : parse(read.toString('utf8', 0, end))
    read = undefined
    if (line) tell(line)
  }
}

function parse(text: string): FirstLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if ('probe' in value)
    return typeof value.probe === 'string' ? { kind: 'probe', token: value.probe } : undefined
  const pid = 'pid' in value && isPid(value.pid) ? value.pid : undefined
  const name = 'name' in value && isName(value.name) ? value.name : undefined
  return pid === undefined && name === undefined
    ? undefined
    : { kind: 'client', info: { pid, name } }
}

function isPid(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME && !CONTROL.test(value)
}
