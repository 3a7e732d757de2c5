import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentSpec, TranscriptSpec } from './agent-spec.ts'
import { type AgentPlace, checkSessionId, environmentOf } from './plan.ts'
import { fill, fillWhole, type Values, variables } from './template.ts'

/** The files of an agent: those of `node:fs/promises`, or any with their errors. */
export interface TranscriptReader {
  readdir(folder: string): Promise<readonly string[]>
  readFile(path: string): Promise<Uint8Array>
  realpath(path: string): Promise<string>
}

/** `absent`: there is none, or one without anything to resume. `unknown`: nobody could tell. */
export type TranscriptFinding =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'absent'; readonly searched: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The ids of sessions of one folder. */
export type SessionListing =
  | { readonly kind: 'listed'; readonly sessionIds: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }

const UUID_GROUP = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'
/** Claude Code 2.1.197: a longer name is cut here, and a dash and a checksum follow. */
const DASHED_MAX_CHARS = 200

export const nodeReader: TranscriptReader = {
  readdir: (folder) => readdir(folder),
  readFile: (path) => readFile(path),
  realpath: (path) => realpath(path),
}

export async function findTranscript(
  spec: AgentSpec,
  place: AgentPlace & { readonly sessionId: string },
  reader: TranscriptReader,
): Promise<TranscriptFinding> {
  const sessionId = checkSessionId(place.sessionId)
  const at = await locate(spec, place, reader)
  if (!at) return { kind: 'unknown', reason: nowhere(spec) }
  const search = await walk(at, sessionId, reader)
  let { reason } = search
  for (const { path } of search.files) {
    const has = await contains(path, at.transcript.contains, reader)
    if (has === true) return { kind: 'found', path }
    if (has !== false) reason ??= has
  }
  if (reason !== undefined) return { kind: 'unknown', reason }
  return { kind: 'absent', searched: join(at.root, ...at.segments) }
}

export async function listSessions(
  spec: AgentSpec,
  place: AgentPlace,
  reader: TranscriptReader,
): Promise<SessionListing> {
  const at = await locate(spec, place, reader)
  if (!at?.segments.at(-1)?.includes('{sessionId}'))
    return { kind: 'unknown', reason: nowhere(spec) }
  const { files, reason } = await walk(at, undefined, reader)
  if (reason !== undefined) return { kind: 'unknown', reason }
  const { ofFolder } = at.transcript
  const mark = ofFolder === undefined ? undefined : fill(ofFolder, at.values)
  const sessionIds: string[] = []
  for (const { path, sessionId } of files) {
    const has = await contains(path, mark, reader)
    if (typeof has === 'string') return { kind: 'unknown', reason: has }
    if (has && sessionId !== undefined) sessionIds.push(sessionId)
  }
  return { kind: 'listed', sessionIds }
}

const nowhere = ({ id }: AgentSpec): string => `it is not known where ${id} keeps its transcripts`

interface Location {
  readonly transcript: TranscriptSpec
  readonly home: string
  readonly root: string
  readonly segments: readonly string[]
  readonly values: Values
}

async function locate(
  spec: AgentSpec,
  { cwd, home, env }: AgentPlace,
  reader: TranscriptReader,
): Promise<Location | undefined> {
  const { transcript } = spec
  // Agents know their folder by its real path. One that is gone has only the path that we know.
  const real = await reader.realpath(cwd).catch(() => cwd)
  const values: Values = {
    ...variables(environmentOf(spec, env)),
    home,
    cwd: real,
    'cwd:json': JSON.stringify(real),
    'cwd:dashed': real.replace(/[^A-Za-z0-9]/g, '-'),
  }
  const roots = transcript?.roots.flatMap((root) => fillWhole(root, values) ?? []) ?? []
  const [root] = roots
  if (!transcript || root === undefined) return undefined
  return { transcript, home, root, segments: transcript.path.split('/'), values }
}

interface Found {
  readonly path: string
  readonly sessionId: string | undefined
}

/** Every file whose path fits, of one session or of all; `reason` if some folder could not be read. */
async function walk(
  { root, home, segments, values }: Location,
  sessionId: string | undefined,
  reader: TranscriptReader,
): Promise<{ readonly files: readonly Found[]; readonly reason?: string }> {
  let reason: string | undefined
  let files: Found[] = [{ path: root, sessionId: undefined }]
  for (const segment of segments) {
    const pattern = patternOf(segment, values, sessionId)
    const next: Found[] = []
    for (const { path } of files) {
      const names = await namesIn(path, reader)
      if (typeof names === 'string') reason ??= names
      else
        for (const name of names) {
          const match = pattern.exec(name)
          if (match) next.push({ path: join(path, name), sessionId: match[1] })
        }
    }
    files = next
  }
  // A home that is not there, as one that is not mounted yet, says nothing of what is in it.
  if (files.length === 0) reason ??= await trouble(() => reader.realpath(home))
  return reason === undefined ? { files } : { files, reason }
}

/** What a name must be; its first group is the session id where all are looked for. */
function patternOf(segment: string, values: Values, sessionId: string | undefined): RegExp {
  const source = segment
    .split(/(\*|\{[^{}]*\})/)
    .map((part) => {
      if (part === '*') return '.*'
      if (part === '{sessionId}') return sessionId === undefined ? UUID_GROUP : literal(sessionId)
      if (part === '{sessionId:8}')
        return sessionId === undefined ? '.*' : literal(sessionId.slice(0, 8))
      if (part === '{cwd:dashed}') return dashed(values['cwd:dashed'] ?? '')
      return literal(part)
    })
    .join('')
  return new RegExp(`^${source}$`)
}

function dashed(name: string): string {
  if (name.length <= DASHED_MAX_CHARS) return literal(name)
  return `${literal(name.slice(0, DASHED_MAX_CHARS))}-.*`
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The names in a folder, none if there is no such folder, or why it cannot be read. */
async function namesIn(
  folder: string,
  reader: TranscriptReader,
): Promise<readonly string[] | string> {
  try {
    return await reader.readdir(folder)
  } catch (error) {
    return isMissing(error) ? [] : `${folder} cannot be read: ${String(error)}`
  }
}

async function contains(
  path: string,
  text: string | undefined,
  reader: TranscriptReader,
): Promise<boolean | string> {
  if (text === undefined) return true
  try {
    return Buffer.from(await reader.readFile(path)).includes(text)
  } catch (error) {
    return isMissing(error) ? false : `${path} cannot be read: ${String(error)}`
  }
}

async function trouble(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return String(error)
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
