import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { endAll, FLEET_VARIABLE } from './end-all.ts'
import type { Answer, Order } from './managers/orders.ts'
import type { Daemon, Fleet, Said } from './supervisor.ts'

export interface NodeFleetOptions {
  /** Built beside this program: `supervision/managers/<program>.js`. */
  readonly program: 'bare' | 'conductor' | 'pm2'
  readonly dir: string
  readonly daemons: readonly Daemon[]
  readonly env?: Readonly<Record<string, string>>
  readonly isLogged: Fleet['isLogged']
}

/** A manager program in a process of its own, which is given orders. */
export async function openNodeFleet(options: NodeFleetOptions): Promise<Fleet> {
  const { program, dir, daemons, isLogged } = options
  const file = fileURLToPath(new URL(`supervision/managers/${program}.js`, import.meta.url))
  const child = fork(file, {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      [FLEET_VARIABLE]: dir,
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: (process.env['BENCH_MANAGER_OPTIONS'] ?? '').split(' ').filter(Boolean),
  })
  const said: Said[] = []
  const waiting = new Map<Answer['type'] | Order['type'], (answer: Answer) => void>()
  let lost = (_: Error): void => {}
  const loss = new Promise<never>((_, reject) => {
    lost = reject
  })
  loss.catch(() => {})
  child.on('error', lost)
  child.once('exit', (code, signal) => lost(new Error(`${program} ended: ${signal ?? code}`)))
  child.on('message', (message) => {
    // Only `answer` writes to this channel.
    const heard = message as Answer
    if (heard.type === 'said') said.push(heard)
    else waiting.get(heard.type === 'done' ? heard.order : heard.type)?.(heard)
  })

  function hear(what: Answer['type'] | Order['type']): Promise<Answer> {
    return Promise.race([loss, new Promise<Answer>((resolve) => waiting.set(what, resolve))])
  }

  async function order(message: Order): Promise<void> {
    const done = hear(message.type)
    child.send(message)
    const heard = await done
    if (heard.type === 'done' && heard.error) throw new Error(`${program}: ${heard.error}`)
  }

  const ready = await hear('ready')
  return {
    managerPid: ready.type === 'ready' ? ready.managerPid : 0,
    said,
    up: () => order({ type: 'up', daemons }),
    down: () => order({ type: 'down' }),
    isLogged,
    async close() {
      const gone = child.connected ? once(child, 'exit') : undefined
      if (gone) await order({ type: 'end' }).catch(() => child.kill('SIGKILL'))
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(timer)
      await endAll(dir)
    },
  }
}
