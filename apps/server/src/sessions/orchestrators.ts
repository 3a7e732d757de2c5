import { isServerError } from '../server-error.ts'
import type { SessionRequest } from './new-session.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionInfo } from './session-info.ts'

export interface OrchestratorRequest
  extends Pick<SessionRequest, 'agent' | 'cwd' | 'prompt' | 'command' | 'args' | 'env' | 'name'> {
  readonly projectId: string
  /** Puts a new one in the place of the one that is there (default: that one is fine). */
  readonly clean?: boolean | undefined
}

/** At most one orchestrator for each project, however many ask for one at once. */
export interface Orchestrators {
  /**
   * The live one of the project; one that ended with its host is started again, and where there is none a
   * new one is made. With `clean`, always a new one: the old one ends only when the new one runs.
   *
   * @throws ServerError as `create`.
   */
  ensure(request: OrchestratorRequest): Promise<SessionInfo>
}

type Sessions = Pick<SessionDirectory, 'list' | 'create' | 'restore' | 'remove'>

export function createOrchestrators(sessions: Sessions): Orchestrators {
  const turns = new Map<string, Promise<unknown>>()

  /** One after the other, for each project. */
  function inTurn<T>(projectId: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(projectId) ?? Promise.resolve()).then(work)
    const settled = mine
      .catch(() => {})
      .then(() => {
        if (turns.get(projectId) === settled) turns.delete(projectId)
      })
    turns.set(projectId, settled)
    return mine
  }

  /** Newest first. "Cannot tell" counts as living: a second one beside it would be worse. */
  function of(projectId: string): SessionInfo[] {
    return sessions
      .list()
      .filter((each) => each.kind === 'orchestrator' && each.projectId === projectId)
      .reverse()
  }

  async function living(projectId: string): Promise<SessionInfo | undefined> {
    const all = of(projectId)
    const alive = all.find(({ status }) => status !== 'lost' && status !== 'exited')
    const [lost] = all
    if (alive || !lost) return alive
    try {
      return await sessions.restore(lost.id)
    } catch (error) {
      // Somebody else has restored or removed it in between, or it has nothing to go on with.
      if (!isServerError(error) || !/^SESSION_NOT/.test(error.code)) throw error
      return of(projectId).find(({ status }) => status !== 'lost')
    }
  }

  return {
    ensure({ projectId, clean = false, ...request }) {
      return inTurn(projectId, async () => {
        const there = clean ? undefined : await living(projectId)
        if (there) return there
        const before = of(projectId)
        const made = await sessions.create({ ...request, kind: 'orchestrator', projectId })
        await Promise.all(before.map(({ id }) => sessions.remove(id)))
        return made
      })
    },
  }
}
