import type { AgentSpec, PromptDelivery, Readiness } from './agent-spec.ts'
import { AgentsError } from './agents-error.ts'
import { fill, fillWhole, variables } from './template.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where an agent runs, and for whom. */
export interface AgentPlace {
  /** Absolute: the folder it works in. */
  readonly cwd: string
  /** Absolute: the user's home, where agents keep their files. */
  readonly home: string
  /** Of the agent, before what its spec sets and unsets. Nothing else is handed on. */
  readonly env: Environment
}

export interface LaunchRequest extends AgentPlace {
  /** Its first task (default: it waits for someone to type). */
  readonly prompt?: string
  /** A UUID, for agents whose ids are pinned (default: a new one). */
  readonly sessionId?: string
  /** More arguments for this start, at the end of `{args}` (default: none). Everybody can read them. */
  readonly extraArgs?: readonly string[]
  /** Absolute: where the prompt may be written, for agents that read it from a file (default: nowhere). */
  readonly promptFile?: string
  /** Hands the prompt over as an argument where the agent knows how: sooner, and readable by everybody (default: no). */
  readonly allowVisiblePrompt?: boolean
}

/** All that a caller needs to start it. Nothing has happened yet. */
export interface LaunchPlan {
  readonly agentId: string
  /** Look each up in `PATH`, and run the first that is there. */
  readonly commands: readonly string[]
  /** For `spawn`, without a shell. */
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Of the agent, if it is known before the start. Save it. */
  readonly sessionId?: string
  /** How the prompt travels, if there is one. */
  readonly delivery?: PromptDelivery['kind']
  /** Write it to its input, and end that. */
  readonly stdin?: string
  /** Type it once the agent is ready. */
  readonly typed?: TypedPrompt
  /** Write it first, with mode 0600, and remove it when the agent has ended. */
  readonly file?: { readonly path: string; readonly text: string }
  /** Whether the prompt is in `args`, where every user of the machine can read it. */
  readonly promptVisible: boolean
  readonly ready?: Readiness
}

export interface TypedPrompt {
  /** First this, with the marks of a paste around it where the agent reads pastes. */
  readonly text: string
  /** Then this, in a write of its own and after a pause: right behind a paste some take it for a part of that. */
  readonly submit: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** No option, no path, no pattern, whatever the agent calls its sessions. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/
// Anything that a terminal would obey: it could end the paste, and then type.
const CONTROL = /(?![\t\n\r])\p{Cc}/u

export function planLaunch(
  spec: AgentSpec,
  request: LaunchRequest,
  newSessionId: () => string,
): LaunchPlan {
  const { session } = spec
  const { prompt } = request
  if (session.kind !== 'pinned' && request.sessionId !== undefined)
    throw new AgentsError(
      'BAD_OPTION',
      `sessionId was given, but ${spec.id} makes its own: leave it out, or plan a resume`,
    )
  const sessionId = session.kind === 'pinned' ? (request.sessionId ?? newSessionId()) : undefined
  if (sessionId !== undefined && !UUID.test(sessionId))
    throw new AgentsError(
      'BAD_OPTION',
      `sessionId is ${JSON.stringify(sessionId)}: pass a UUID, or leave it out`,
    )
  const delivery = prompt === undefined ? undefined : chooseDelivery(spec, request)
  const plan = basePlan(spec, request, spec.launch ?? ['{args}'], sessionId, delivery)
  if (prompt === undefined || !delivery) return plan
  return { ...plan, ...handOver(delivery, prompt, request) }
}

/** The agent's own continuation of `sessionId`. It gets no prompt: it knows what was said. */
export function planNative(
  spec: AgentSpec,
  resume: readonly string[],
  place: LaunchRequest,
  sessionId: string,
): LaunchPlan {
  return basePlan(spec, place, resume, checkSessionId(sessionId), undefined)
}

/** @throws AgentsError `BAD_OPTION` for what could be an option, a path or a pattern. */
export function checkSessionId(sessionId: string): string {
  if (SESSION_ID.test(sessionId)) return sessionId
  throw new AgentsError(
    'BAD_OPTION',
    `sessionId is ${JSON.stringify(sessionId)}: pass letters, digits, dashes, dots and underscores, at most 200`,
  )
}

function basePlan(
  spec: AgentSpec,
  request: LaunchRequest,
  template: readonly string[],
  sessionId: string | undefined,
  delivery: PromptDelivery | undefined,
): LaunchPlan {
  const { cwd, home, promptFile, prompt, extraArgs = [] } = request
  for (const [name, path] of Object.entries({ cwd, home, promptFile }))
    if (path !== undefined && (path === '' || path.includes('\0')))
      throw new AgentsError('BAD_OPTION', `${name} is no path: pass an absolute one`)
  const values = { cwd, home, sessionId, promptFile, prompt }
  // What the caller adds is no template: braces in it are its own.
  const filled = (list: readonly string[]) => list.map((each) => fill(each, values))
  const own = [...filled(spec.args ?? []), ...extraArgs]
  const args = template.flatMap((each) => (each === '{args}' ? own : filled([each])))
  if (delivery && 'args' in delivery) args.push(...filled(delivery.args))
  const env = environmentOf(spec, request.env)
  const places = { ...variables(env), home }
  return {
    agentId: spec.id,
    commands: spec.commands.flatMap((each) => fillWhole(each, places) ?? []),
    args,
    cwd,
    env,
    ...(sessionId !== undefined && { sessionId }),
    promptVisible: delivery?.kind === 'argument',
    ...(spec.ready && { ready: spec.ready }),
  }
}

/** With what the spec sets, without what it unsets. */
export function environmentOf(spec: AgentSpec, from: Environment): Record<string, string> {
  const unset = spec.env?.unset ?? []
  const entries = Object.entries({ ...from, ...spec.env?.set })
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => {
      const [name, value] = entry
      return value !== undefined && !unset.includes(name)
    }),
  )
}

function chooseDelivery(spec: AgentSpec, request: LaunchRequest): PromptDelivery {
  const { allowVisiblePrompt = false, promptFile } = request
  const ways = (spec.prompt ?? []).filter(({ kind }) => kind !== 'file' || promptFile !== undefined)
  const visible = ways.find(({ kind }) => kind === 'argument')
  const hidden = ways.find(({ kind }) => kind !== 'argument')
  const way = allowVisiblePrompt ? (visible ?? hidden) : (hidden ?? visible)
  if (way) return way
  throw new AgentsError(
    'NO_PROMPT',
    spec.prompt?.length
      ? `${spec.id} reads its prompt from a file: pass promptFile`
      : `${spec.id} takes no prompt: leave it out`,
  )
}

function handOver(
  delivery: PromptDelivery,
  prompt: string,
  { promptFile }: LaunchRequest,
): Pick<LaunchPlan, 'delivery' | 'stdin' | 'typed' | 'file'> {
  const at = CONTROL.exec(prompt)?.index
  if (at !== undefined)
    throw new AgentsError(
      'BAD_OPTION',
      `prompt has the control character U+${prompt.charCodeAt(at).toString(16).padStart(4, '0')} at ${at}: take it out, a terminal would obey it`,
    )
  if (prompt.trim() === '')
    throw new AgentsError('BAD_OPTION', 'prompt is empty: write one, or leave it out')
  const { kind } = delivery
  if (kind === 'stdin') return { delivery: kind, stdin: prompt }
  if (kind === 'file' && promptFile !== undefined)
    return { delivery: kind, file: { path: promptFile, text: prompt } }
  if (kind === 'after-start')
    return { delivery: kind, typed: typed(prompt, delivery.paste === 'bracketed') }
  return { delivery: kind }
}

function typed(prompt: string, isPaste: boolean): TypedPrompt {
  // As terminals do it: the key for a new line is a carriage return.
  const keys = prompt.replace(/\r?\n/g, '\r')
  return { text: isPaste ? `\u001b[200~${keys}\u001b[201~` : keys, submit: '\r' }
}
