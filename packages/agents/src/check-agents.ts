import type { AgentConfig, AgentSpec } from './agent-spec.ts'
import { AgentsError } from './agents-error.ts'
import { placeholdersIn } from './template.ts'

const ID = /^[a-z0-9][a-z0-9-]*$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const DELIVERIES = ['after-start', 'stdin', 'file', 'argument']
const SESSIONS = ['pinned', 'reported', 'none']

/** What stands where, and of what kind it is. */
const FIELDS: Readonly<Record<string, 'text' | 'list' | 'object'>> = {
  id: 'text',
  name: 'text',
  commands: 'list',
  args: 'list',
  launch: 'list',
  resume: 'list',
  prompt: 'list',
  session: 'object',
  transcript: 'object',
  env: 'object',
  ready: 'object',
  resumeRefused: 'text',
}
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  session: ['kind'],
  transcript: ['roots', 'path', 'contains', 'ofFolder'],
  env: ['set', 'unset'],
  ready: ['output', 'timeoutMs'],
}

/**
 * The known agents and those of a config, which may extend any that stands before it.
 *
 * @throws AgentsError `BAD_SPEC`, with a line for each fault.
 */
export function mergeAgents(
  known: readonly AgentSpec[],
  extra: readonly AgentConfig[],
): ReadonlyMap<string, AgentSpec> {
  const all = new Map(known.map((spec) => [spec.id, spec]))
  if (!Array.isArray(extra)) throw bad(['extra is no list: write [{ "id": … }]'])
  const faults: string[] = []
  extra.forEach((config: unknown, index) => {
    if (!isObject(config)) {
      faults.push(`agents[${index}] is no object: write { "id": …, "commands": […], … }`)
      return
    }
    const label = typeof config['id'] === 'string' ? config['id'] : `agents[${index}]`
    const { extends: base, ...own } = config
    const from = typeof base === 'string' ? all.get(base) : undefined
    if (base !== undefined && !from) {
      faults.push(`${label}.extends names no agent: pick one of ${[...all.keys()].join(', ')}`)
      return
    }
    const spec = { ...from, ...own }
    const found = faultsOf(spec).map((fault) => `${label}.${fault}`)
    faults.push(...found)
    // Only a spec without a fault has the shape.
    if (found.length === 0) all.set(label, structuredClone(spec) as unknown as AgentSpec)
  })
  if (faults.length > 0) throw bad(faults)
  return all
}

const bad = (faults: readonly string[]): AgentsError =>
  new AgentsError('BAD_SPEC', faults.join('\n'))

/** Every fault of what should be an `AgentSpec`, as `field is wrong: the fix`. */
export function faultsOf(spec: Readonly<Record<string, unknown>>): string[] {
  const shape = shapeFaults(spec)
  // The rest looks into the fields, and so needs them to be what they are.
  return shape.length > 0 ? shape : [...templateFaults(spec), ...meaningFaults(spec)]
}

function shapeFaults(spec: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = []
  for (const field of Object.keys(spec))
    if (!Object.hasOwn(FIELDS, field))
      faults.push(`${field} is no field: leave it out, or write ${Object.keys(FIELDS).join(', ')}`)
  for (const field of ['id', 'name', 'commands', 'session'])
    if (spec[field] === undefined) faults.push(`${field} is missing: write it, or extend an agent`)
  for (const [field, kind] of Object.entries(FIELDS)) {
    const value = spec[field]
    if (value === undefined) continue
    if (kind === 'text' && !isText(value)) faults.push(`${field} is no text: write "…"`)
    if (kind === 'list' && field !== 'prompt' && !isTexts(value))
      faults.push(`${field} is no list of texts: write ["…", "…"], one for each argument`)
    if (kind === 'object') faults.push(...objectFaults(field, value))
  }
  if (spec['prompt'] !== undefined) faults.push(...promptFaults(spec['prompt']))
  return faults
}

function objectFaults(field: string, value: unknown): string[] {
  if (!isObject(value)) return [`${field} is no object: write { … }`]
  const allowed = WITHIN[field] ?? []
  const faults = Object.keys(value)
    .filter((each) => !allowed.includes(each))
    .map((each) => `${field}.${each} is no field: write ${allowed.join(', ')}`)
  if (field === 'session' && !SESSIONS.includes(String(value['kind'])))
    faults.push(`session.kind is unknown: write ${SESSIONS.join(', ')}`)
  if (field === 'ready') {
    if (!isText(value['output'])) faults.push('ready.output is no text: write "…"')
    const { timeoutMs } = value
    if (!(typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs < 2 ** 31))
      faults.push('ready.timeoutMs is no time: write milliseconds, as 30000')
  }
  if (field === 'transcript') {
    const { roots, path } = value
    if (!isTexts(roots) || roots.length === 0)
      faults.push('transcript.roots is no list of folders: write ["{home}/…"]')
    if (!isText(path) || path.split('/').some((part) => ['', '.', '..'].includes(part)))
      faults.push('transcript.path is no path below the root: write "sessions/{sessionId}.jsonl"')
    for (const each of ['contains', 'ofFolder'])
      if (value[each] !== undefined && !isText(value[each]))
        faults.push(`transcript.${each} is no text: write "…"`)
  }
  if (field === 'env') {
    const { set = {}, unset = [] } = value
    if (!isObject(set) || !isTexts(Object.values(set)) || !Object.keys(set).every(isVariable))
      faults.push('env.set is no list of variables: write { "NAME": "value" }')
    if (!isTexts(unset) || !unset.every(isVariable))
      faults.push('env.unset is no list of names: write ["NAME"]')
  }
  return faults
}

function promptFaults(value: unknown): string[] {
  if (!Array.isArray(value)) return ['prompt is no list: write [{ "kind": "after-start", … }]']
  const kinds: unknown[] = []
  return value.flatMap((each: unknown, index): string[] => {
    const name = `prompt[${index}]`
    if (!isObject(each) || !DELIVERIES.includes(String(each['kind'])))
      return [`${name}.kind is unknown: write ${DELIVERIES.join(', ')}`]
    const { kind, args, paste } = each
    if (kinds.includes(kind)) return [`${name} is there twice: leave one ${String(kind)}`]
    kinds.push(kind)
    if (kind === 'after-start' && paste !== 'bracketed' && paste !== 'plain')
      return [`${name}.paste is unknown: write bracketed, or plain for a program without pastes`]
    if (kind === 'stdin' || kind === 'after-start')
      return args === undefined ? [] : [`${name}.args is not for ${kind}: leave it out`]
    const wanted = kind === 'file' ? 'promptFile' : 'prompt'
    return isTexts(args) && args.flatMap(placeholdersIn).includes(wanted)
      ? []
      : [`${name}.args does not have {${wanted}}: write ["…", "{${wanted}}"]`]
  })
}

/** Each template names what is known where it stands, and nothing else. */
function templateFaults(raw: Readonly<Record<string, unknown>>): string[] {
  const spec = raw as unknown as AgentSpec // shapeFaults found nothing
  const own = ['sessionId', 'cwd', 'home']
  const inPrompt = (kind: string): string[] => (kind === 'file' ? ['promptFile'] : ['prompt'])
  const templates: [string, readonly string[] | undefined, readonly string[]][] = [
    ['commands', spec.commands, ['home', 'env:']],
    ['args', spec.args, own],
    ['launch', spec.launch, ['args', ...own]],
    ['resume', spec.resume, ['args', ...own]],
    ...(spec.prompt ?? []).map((each, index): [string, readonly string[], string[]] => [
      `prompt[${index}].args`,
      'args' in each ? each.args : [],
      [...inPrompt(each.kind), ...own],
    ]),
    ['transcript.roots', spec.transcript?.roots, ['cwd', 'home', 'env:']],
    ['transcript.path', one(spec.transcript?.path), ['sessionId', 'sessionId:8', 'cwd:dashed']],
    ['transcript.ofFolder', one(spec.transcript?.ofFolder), ['cwd', 'cwd:json']],
  ]
  return templates.flatMap(([field, list = [], known]) =>
    list.flatMap((text) =>
      placeholdersIn(text)
        .filter((name) => !known.includes(name) || (name === 'args' && text !== '{args}'))
        .filter((name) => !(name.startsWith('env:') && known.includes('env:')))
        .map((name) => `${field} has {${name}}, ${whyNot(name, known)}`),
    ),
  )
}

function whyNot(name: string, known: readonly string[]): string {
  if (name.startsWith('env:'))
    return 'which everybody could read: the agent has the environment, or use env.set'
  if (name === 'args' && known.includes('args')) return 'which stands alone: make it one argument'
  return `which is not known here: use ${known.map((each) => `{${each}}`).join(', ')}`
}

/** What is well formed, and still cannot work. */
function meaningFaults(raw: Readonly<Record<string, unknown>>): string[] {
  const { id, commands, session, launch, resume, args = [] } = raw as unknown as AgentSpec // as above
  const hasId = (list: readonly string[] = ['{args}']): boolean =>
    list
      .flatMap((each) => (each === '{args}' ? args : [each]))
      .flatMap(placeholdersIn)
      .includes('sessionId')
  const faults: string[] = []
  if (!ID.test(id)) faults.push('id is no name: write lower-case letters, digits and dashes')
  if (commands.length === 0 || commands.some((each) => !each || each.includes('\0')))
    faults.push('commands is empty: write the names of the program, as ["claude"]')
  if (session.kind === 'pinned' && !hasId(launch))
    faults.push('launch has no {sessionId}, but session.kind is pinned: add it, or write reported')
  if (session.kind !== 'pinned' && hasId(launch))
    faults.push('launch has {sessionId}, but session.kind is not pinned: write pinned')
  if (resume && !hasId(resume))
    faults.push('resume has no {sessionId}: add it, or leave resume out if there is no such way')
  if (resume && session.kind === 'none')
    faults.push('resume needs an id, but session.kind is none: write pinned or reported')
  return faults
}

const one = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text])
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && !each.includes('\0'))
const isVariable = (name: string): boolean => VARIABLE.test(name)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
