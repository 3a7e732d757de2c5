import { setTimeout as sleep } from 'node:timers/promises'
import { startConductor } from '../conductor-server.ts'
import type { Context, Measurement } from '../context.ts'
import { type Figure, figure, lower } from '../figure.ts'
import { memoryOf } from '../process-figures.ts'
import { openHolder } from './holders.ts'

/** A shell at its prompt, as most sessions are. */
const IDLE: readonly string[] = ['sh', '-i']

/** Until a process has done what it does at its start, in milliseconds. */
const SETTLE_MS = 2_000

const OWN_HOSTS = 5

/** The first sessions pay for what all share; only those after them are counted. */
const WARM_UP = 10
const COUNTED = 40

async function ownHost({ dir }: Context): Promise<readonly Figure[]> {
  const server = await startConductor({ dir })
  try {
    const hosts: number[] = []
    for (let i = 0; i < OWN_HOSTS; i++)
      hosts.push((await server.create('persistent', IDLE)).holderPid)
    await sleep(SETTLE_MS)
    const uses = hosts.map(memoryOf)
    return [
      figure(
        'memory.host.rss',
        'idle persistent session with its own host, RSS',
        'MiB',
        uses.map(({ rssMib }) => rssMib),
        lower(55, 45),
      ),
      figure(
        'memory.host.pss',
        'idle persistent session with its own host, PSS',
        'MiB',
        uses.map(({ pssMib }) => pssMib),
      ),
      figure('memory.server.rss', 'the server itself, RSS', 'MiB', [memoryOf(server.pid).rssMib]),
    ]
  } finally {
    await server.close()
  }
}

/** How much one more session costs each of these processes, in MiB. */
async function further(
  { dir }: Context,
  durability: 'persistent' | 'server',
): Promise<{ holder: number; server: number }> {
  const server = await startConductor({
    dir,
    env: { AI_CONDUCTOR_SESSIONS_PER_HOST: String(WARM_UP + COUNTED) },
  })
  try {
    let holderPid = 0
    for (let i = 0; i < WARM_UP; i++) holderPid = (await server.create(durability, IDLE)).holderPid
    await sleep(SETTLE_MS)
    const before = { holder: memoryOf(holderPid).rssMib, server: memoryOf(server.pid).rssMib }
    for (let i = 0; i < COUNTED; i++) await server.create(durability, IDLE)
    await sleep(SETTLE_MS)
    return {
      holder: (memoryOf(holderPid).rssMib - before.holder) / COUNTED,
      server: (memoryOf(server.pid).rssMib - before.server) / COUNTED,
    }
  } finally {
    await server.close()
  }
}

function holder(context: Context, name: string, program: string): Figure {
  const open = openHolder(context, name, program, IDLE)
  try {
    return figure(`memory.${name}`, `${name}, one idle session, RSS`, 'MiB', [
      memoryOf(open.pid).rssMib,
    ])
  } finally {
    open.close()
  }
}

export const memory: Measurement = {
  name: 'memory',
  about: `idle shells; each further one is the mean of ${COUNTED} after ${WARM_UP}`,
  async run(context) {
    const own = await ownHost(context)
    context.say('hosts of their own')
    const shared = await further(context, 'persistent')
    context.say('a shared host')
    const inProcess = await further(context, 'server')
    context.say('in process')
    return [
      ...own,
      figure(
        'memory.shared',
        'each further session in a shared host, in the host',
        'MiB',
        [shared.holder],
        lower(1, 0.2),
      ),
      figure(
        'memory.shared.server',
        'each further session in a shared host, in the server',
        'MiB',
        [shared.server],
      ),
      figure(
        'memory.in-process',
        'each further in-process session',
        'MiB',
        [inProcess.server],
        lower(1, 0.3),
      ),
      ...[...context.holders].map(([name, program]) => holder(context, name, program)),
    ]
  },
}
