import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Document, LineCounter } from 'yaml'
import { startOrder, unknownDependencies } from '../order/start-order.ts'
import { isProcessManagerError, ProcessManagerError } from '../process-manager-error.ts'
import { objections } from '../spec/check-spec.ts'
import type { GroupSpec, ProcessSpec } from '../spec/process-spec.ts'
import { fieldName, type Issue } from '../spec/shape.ts'
import { type FileContent, fileShape } from './file-shape.ts'
import { offsetOf } from './position.ts'
import { resolveProcess } from './resolve-process.ts'
import type { Environment } from './variables.ts'

/** What a processes file is called, in the order to look for one. */
export const PROCESSES_FILE_NAMES: readonly string[] = [
  'conductor.json',
  'conductor.yaml',
  'conductor.yml',
]

export interface ProcessesFile {
  /** Absolute. */
  readonly path: string
  /** In the order of the file. */
  readonly processes: readonly ProcessSpec[]
  /** Those that the file names, and those that only a process names. */
  readonly groups: Readonly<Record<string, GroupSpec>>
}

export interface ProcessesFileOptions {
  /** What `${NAME}` in `env` and `args` stands for: pass `process.env`. */
  readonly env: Environment
}

/**
 * Reads a processes file, JSON or YAML.
 *
 * @param path Absolute, or relative to the current folder.
 * @throws ProcessManagerError `UNREADABLE` with the system's error as `cause`; `BAD_FILE` as `parseProcessesFile`.
 */
export async function readProcessesFile(
  path: string,
  options: ProcessesFileOptions,
): Promise<ProcessesFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const { message } = cause as Error // of `readFile`
    throw new ProcessManagerError('UNREADABLE', `${path} cannot be read: ${message}`, { cause })
  }
  return parseProcessesFile(text, path, options)
}

/**
 * Reads the text of a processes file; what is relative in it, is so to the folder of `path`.
 *
 * Asynchronous because the parser is loaded only now: programs that have no file need not wait for it.
 *
 * @throws ProcessManagerError `BAD_FILE`: a line for each fault, as
 *   `conductor.json:12:5: processes.web.command is missing: write a text`.
 */
export async function parseProcessesFile(
  text: string,
  path: string,
  { env }: ProcessesFileOptions,
): Promise<ProcessesFile> {
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const { document, content, faults } = load(yaml, text, lines)
  if (faults.length > 0) throw badFile(path, faults, lines)

  const issues: Issue[] = []
  const report = (issue: Issue): void => void issues.push(issue)
  const file = fileShape.read(content, { path: [], texts: true, report })
  const processes = file ? sound(file, issues) : []
  const resolved = processes.map(([name, own]) => {
    const place = { folder: dirname(resolve(path)), env }
    const { spec, issues: found } = resolveProcess(name, own, file?.defaults ?? {}, place)
    for (const issue of [...found, ...objections(spec)])
      report({ ...issue, path: ['processes', name, ...issue.path] })
    return spec
  })
  if (file) issues.push(...orderIssues(file, resolved))
  const complete = issues.length === 0
  if (complete && file) issues.push(...groupIssues(file, resolved))

  if (!file || issues.length > 0) {
    const placed = issues.map((issue) => ({
      text: issue.path.length === 0 ? `it ${issue.text}` : `${fieldName(issue.path)} ${issue.text}`,
      offset: offsetOf(document, issue, yaml),
    }))
    throw badFile(path, placed, lines)
  }
  const named = resolved.flatMap(({ groups = [] }) => groups)
  const groups = Object.fromEntries(named.map((name) => [name, file.groups?.[name] ?? {}]))
  return { path: resolve(path), processes: resolved, groups }
}

interface Fault {
  readonly text: string
  readonly offset: number
}

interface Loaded {
  readonly document: Document
  readonly content: unknown
  readonly faults: readonly Fault[]
}

/** The text as data. */
function load(yaml: typeof import('yaml'), text: string, lineCounter: LineCounter): Loaded {
  try {
    const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false })
    const faults = document.errors.map(({ message, pos: [offset] }) => ({ text: message, offset }))
    const content: unknown = faults.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 })
    return { document, content, faults }
  } catch (error) {
    // Nested too deep, or an alias of nothing or of too much: it says so without a place.
    const { message } = error as Error // the parser throws nothing else
    const document = new yaml.Document()
    return { document, content: undefined, faults: [{ text: message, offset: 0 }] }
  }
}

/** Processes that have their shape: only these can be looked at more closely. */
function sound(file: FileContent, issues: readonly Issue[]) {
  const broken = new Set(
    issues.map(({ path: [section, name] }) => (section === 'defaults' ? '' : name)),
  )
  return Object.entries(file.processes ?? {}).filter(
    ([name]) => !broken.has(name) && !broken.has(''),
  )
}

function orderIssues(file: FileContent, resolved: readonly ProcessSpec[]): Issue[] {
  const unknown = unknownDependencies(resolved, Object.keys(file.processes ?? {}))
  if (unknown.length > 0)
    return unknown.map((issue) => ({ ...issue, path: ['processes', ...issue.path] }))
  try {
    startOrder(resolved)
    return []
  } catch (error) {
    // Who depends on a broken one is told of that first.
    if (isProcessManagerError(error, 'UNKNOWN_DEPENDENCY')) return []
    if (!isProcessManagerError(error, 'CYCLE')) throw error
    return [{ path: ['processes'], text: `has a cycle: ${error.message.replace(/^\[.*?\] /, '')}` }]
  }
}

function groupIssues(file: FileContent, resolved: readonly ProcessSpec[]): Issue[] {
  const named = new Set(resolved.flatMap(({ groups = [] }) => groups))
  const names = new Set(resolved.map(({ name }) => name))
  const unused = Object.keys(file.groups ?? {})
    .filter((name) => !named.has(name))
    .map((name) => ({
      path: ['groups', name],
      text: 'has no member: write its name into the groups of a process, or take it out',
      ofKey: true as const,
    }))
  const twice = resolved.flatMap(({ name, groups = [] }) =>
    groups.flatMap((group, index) =>
      names.has(group)
        ? [
            {
              path: ['processes', name, 'groups', index],
              text: `is "${group}", which is a process: give the group another name`,
            },
          ]
        : [],
    ),
  )
  return [...unused, ...twice]
}

function badFile(path: string, faults: readonly Fault[], lines: LineCounter): ProcessManagerError {
  const sorted = faults.toSorted((a, b) => a.offset - b.offset)
  const texts = sorted.map(({ text, offset }) => {
    const { line, col } = lines.linePos(offset)
    // An empty file has no lines to the counter.
    return `${path}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${text.replaceAll('\n', ' ')}`
  })
  return new ProcessManagerError('BAD_FILE', texts.join('\n'))
}
