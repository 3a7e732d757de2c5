import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionRecord } from '../sessions/session-file.ts'
import { createAgentTable } from './agent-table.ts'
import { createLaunches } from './launches.ts'

/** Two sessions of an agent that chooses its ids, as it writes them down. */
const ONE = '11111111-1111-4111-8111-111111111111'
const TWO = '22222222-2222-4222-8222-222222222222'

function setup() {
  const home = temporaryFolder(onTestFinished)
  const day = join(home, '.codex', 'sessions', '2026', '11', '21')
  mkdirSync(day, { recursive: true })
  writeFileSync(join(home, 'codex'), '#!/bin/sh\n')
  chmodSync(join(home, 'codex'), 0o755)
  const launches = createLaunches({
    table: createAgentTable([]),
    defaults: { shell: '/bin/sh', home, env: { PATH: home } },
    dataDir: '/data',
  })
  const record: SessionRecord = {
    v: 1,
    id: 'x',
    name: 'x',
    createdAt: new Date(Date.now() - 1_000).toISOString(),
    command: '/bin/codex',
    args: [],
    cwd: home,
    env: {},
    kind: 'worker',
    durability: 'persistent',
    agent: 'codex',
    prompt: 'go',
  }
  return {
    launches,
    record,
    writes(id: string) {
      const path = join(day, `rollout-2026-11-21T13-32-03-${id}.jsonl`)
      writeFileSync(path, `{"cwd":${JSON.stringify(home)}}\n`)
      utimesSync(path, new Date(), new Date())
    },
  }
}

async function comesBack(
  { launches, record }: Pick<ReturnType<typeof setup>, 'launches' | 'record'>,
  claimed: readonly string[] = [],
): Promise<readonly unknown[]> {
  const again = await launches.planAgain(record, new Set(claimed))
  if (again.kind === 'not-resumable') return [again.kind]
  return [again.kind, again.program.agentSessionId, again.program.args.at(-1)]
}

describe('a session whose agent chose its own id', () => {
  it('is resumed when only one of that folder began since', async () => {
    const world = setup()
    world.writes(ONE)
    expect(await comesBack(world)).toEqual(['native', ONE, ONE])
  })

  it('starts again from its task when there are two, and nobody can tell', async () => {
    const world = setup()
    world.writes(ONE)
    world.writes(TWO)
    expect((await comesBack(world))[0]).toBe('prompt')
    expect(await comesBack(world, [ONE])).toEqual(['native', TWO, TWO])
  })

  it('starts again from its task when the only one is older', async () => {
    const world = setup()
    world.writes(ONE)
    const launchedAt = new Date(Date.now() + 60_000).toISOString()
    const record = { ...world.record, launchedAt }
    expect((await comesBack({ ...world, record }))[0]).toBe('prompt')
  })

  it('whose agent is not installed any more cannot come back, and says why', async () => {
    const { launches, record } = setup()
    const gone = { ...record, env: { PATH: '/nonexistent' } }
    await expect(launches.planAgain(gone, new Set())).rejects.toMatchObject({
      code: 'BAD_FIELD',
      text: 'agent: codex is not installed: no codex',
    })
  })
})
