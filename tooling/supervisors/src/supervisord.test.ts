import { readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { COUNTER, generate, lives, logIn, type Server, untilWritten } from './conductor.ts'
import { bootMachine, type Machine, whyNoMachine } from './machine.ts'

const STATE = '/var/lib/conductor'
const LOG = '/var/log/supervisor/conductor.log'
const MIB = 1_048_576

const why = whyNoMachine('supervisord')

describe.skipIf(why !== undefined)(
  `the program of supervisord${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 60_000 },
  () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await bootMachine()
      await machine.sh(`
        useradd --system --create-home --home-dir ${STATE} --shell /bin/bash conductor
        mkdir -p /etc/conductor /opt/hang`)
      await generate(
        machine,
        '/etc/supervisor/conf.d/conductor.conf',
        'supervisor',
        '--user',
        'conductor',
      )
      await writeConfig('127.0.0.1:0')
      await machine.sh('systemctl start supervisor')
    })
    afterAll(() => machine?.close())

    async function writeConfig(addr: string): Promise<void> {
      const config = JSON.stringify({ password: 'correct horse battery', addr })
      await machine.sh(`
        echo '${config}' > /etc/conductor/conductor.json
        chown conductor /etc/conductor/conductor.json; chmod 600 /etc/conductor/conductor.json`)
    }

    /** As in `conductor  RUNNING  pid 12, uptime 0:00:05`. */
    async function status(): Promise<{
      readonly state: string | undefined
      readonly text: string
    }> {
      const { stdout } = await machine.run('supervisorctl', 'status', 'conductor')
      return { state: /^conductor\s+([A-Z]+)/.exec(stdout)?.[1], text: stdout.trim() }
    }

    const untilState = (wanted: string) =>
      until(async () => (await status()).state === wanted, { timeoutMs: 40_000, what: wanted })

    async function running(): Promise<Server> {
      if ((await status()).state !== 'RUNNING')
        await machine.out('supervisorctl', 'start', 'conductor')
      await untilState('RUNNING')
      return logIn(machine, STATE, Number(await machine.out('supervisorctl', 'pid', 'conductor')))
    }

    it('counts as running after startsecs, with the right user and home', async () => {
      await untilState('STARTING')
      const sinceMs = performance.now()
      await untilState('RUNNING')
      // It was starting for a moment before we looked.
      expect(performance.now() - sinceMs).toBeGreaterThan(3_000)
      const server = await running()
      const session = await server.session(
        'id -un; echo $HOME; env | grep ^SUPERVISOR_; echo done; sleep 600',
      )
      const text = await untilWritten(server, session.id, /done/)
      expect(text.trim().split(/\r?\n/)).toEqual(['conductor', STATE, 'done'])
    })

    it('keeps sessions over kill -9, and over a stop that stopwaitsecs has to end', async () => {
      const first = await running()
      const session = await first.session(COUNTER)
      await untilWritten(first, session.id, /line 3\r?\n/)
      await machine.sh(`kill -9 ${first.pid}`)
      const sinceMs = performance.now()
      const second = await until(
        async () => {
          const pid = Number((await machine.run('supervisorctl', 'pid', 'conductor')).stdout)
          return pid > 0 && pid !== first.pid ? logIn(machine, STATE, pid) : undefined
        },
        { timeoutMs: 10_000, what: 'the server to be back' },
      )
      expect(performance.now() - sinceMs).toBeLessThan(5_000)

      // A stopped process hears no SIGTERM.
      await machine.sh(`kill -STOP ${second.pid}`)
      const stopMs = performance.now()
      await machine.out('supervisorctl', 'stop', 'conductor')
      expect(performance.now() - stopMs).toBeGreaterThan(9_000)
      expect(performance.now() - stopMs).toBeLessThan(14_000)
      expect((await status()).state).toBe('STOPPED')
      expect(await lives(machine, second.pid)).toBe(false)
      expect(await lives(machine, session.pid)).toBe(true)
      const third = await running()
      expect(await third.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
    })

    it('has a log of at most 10 MB, and the three before it', async () => {
      const { pid } = await running()
      // Through the very pipe that the server writes to.
      await machine.sh(`head -c ${55 * MIB} /dev/zero | tr '\\0' x > /proc/${pid}/fd/1`)
      const logs = () =>
        readdirSync(machine.path('/var/log/supervisor'))
          .filter((name) => name.startsWith('conductor.log'))
          .sort()
      await until(() => logs().length === 4, { timeoutMs: 20_000, what: 'four logs' })
      const names = ['conductor.log', 'conductor.log.1', 'conductor.log.2', 'conductor.log.3']
      expect(logs()).toEqual(names)
      const sizes = names.map((name) => statSync(machine.path(`/var/log/supervisor/${name}`)).size)
      for (const size of sizes) expect(size).toBeLessThan(10 * MIB + 256 * 1_024)
      for (const size of sizes.slice(1)) expect(size).toBeGreaterThanOrEqual(10 * MIB)
      expect(statSync(machine.path(LOG)).uid).toBe(0)
    })

    it('is given up after startretries when its port is taken, and is not before', async () => {
      const taken = createServer().listen(0, '127.0.0.1')
      onTestFinished(() => void taken.close())
      await until(() => taken.listening)
      const address = taken.address()
      await machine.run('supervisorctl', 'stop', 'conductor')
      expect(await machine.out('cat', LOG)).toContain('server stopped')
      await writeConfig(`127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      onTestFinished(() => writeConfig('127.0.0.1:0'))
      const sinceMs = performance.now()
      const start = machine.run('supervisorctl', 'start', 'conductor')
      await untilState('FATAL')
      // Five tries after the first, each a second later than the one before: 1 + 2 + 3 + 4 + 5.
      expect(performance.now() - sinceMs).toBeGreaterThan(14_000)
      expect((await start).stdout).toContain('ERROR')
      const log = await machine.out('cat', '/var/log/supervisor/supervisord.log')
      const starts = log.slice(log.lastIndexOf('stopped: conductor')).match(/spawned: 'conductor'/g)
      expect(starts).toHaveLength(6)
      expect(await machine.out('cat', LOG)).toContain('another program listens there')
    })
  },
)
