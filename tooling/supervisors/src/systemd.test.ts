import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  COUNTER,
  counted,
  generate,
  lives,
  logIn,
  runFile,
  type Server,
  show,
  untilWritten,
  writeSettings,
} from './conductor.ts'
import { bootMachine, type Machine, whyNoMachine } from './machine.ts'

const UNIT = '/etc/systemd/system/conductor.service'
const SETTINGS = '/etc/conductor/conductor.env'
const STATE = '/var/lib/conductor'

/** `RestartSec=` of the unit, and what its restart may take on top of that. */
const RESTART_MS = 3_000
const SOON_MS = 2_000

/** What systemd told the server alone, and the server's secret. */
const SUPERVISED =
  /(?:^|\0)(?:NOTIFY_SOCKET|WATCHDOG_|LISTEN_|CONDUCTOR_NOTIFY_FD|AI_CONDUCTOR_PASSWORD)/

/** Of a process that may end meanwhile. */
function environOf(machine: Machine, pid: number): string {
  try {
    return readFileSync(machine.path(`/proc/${pid}/environ`), 'utf8')
  } catch {
    return ''
  }
}

function socketsOf(machine: Machine, pid: number): string[] {
  const folder = machine.path(`/proc/${pid}/fd`)
  try {
    return readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`))
  } catch {
    return []
  }
}

const why = whyNoMachine()

describe.skipIf(why !== undefined)(
  `the unit of a system${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 60_000 },
  () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await bootMachine()
      await machine.sh(
        'useradd --system --create-home --home-dir /var/lib/conductor --shell /bin/bash conductor',
      )
      await generate(machine, UNIT, 'systemd', '--user', 'conductor')
      await writeSettings(machine, SETTINGS)
    })
    afterAll(() => machine?.close())

    /** The service, started, and what the server says. Whatever a test did before is forgotten. */
    async function started(): Promise<Server> {
      await machine.sh('systemctl daemon-reload; systemctl reset-failed; systemctl start conductor')
      const { MainPID } = await show(machine, 'conductor', 'MainPID')
      return logIn(machine, STATE, Number(MainPID))
    }

    /** Waits until another process than `pid` is the main one, and active. @returns how long it took. */
    async function untilBack(pid: number): Promise<number> {
      const sinceMs = performance.now()
      await until(
        async () => {
          const { ActiveState, MainPID } = await show(
            machine,
            'conductor',
            'ActiveState',
            'MainPID',
          )
          return ActiveState === 'active' && Number(MainPID) !== pid && MainPID !== '0'
        },
        { timeoutMs: 30_000, what: 'the service to come back' },
      )
      return performance.now() - sinceMs
    }

    async function dropIn(lines: string): Promise<void> {
      const folder = `${UNIT}.d`
      await machine.sh(`mkdir -p ${folder}; printf '[Service]\\n${lines}\\n' > ${folder}/test.conf`)
      onTestFinished(async () => {
        await machine.sh(`rm -r ${folder}; systemctl daemon-reload`)
      })
    }

    it('is active only when the server listens, and says what it found', async () => {
      await machine.sh('systemctl stop conductor; systemctl start --no-block conductor')
      const states = new Set<string>()
      await until(
        async () => {
          const { ActiveState } = await show(machine, 'conductor', 'ActiveState')
          states.add(ActiveState)
          return ActiveState === 'active'
        },
        { timeoutMs: 20_000 },
      )
      const file = runFile(machine, STATE)
      expect((await fetch(`${file?.url}/api/health`)).status).toBe(200)
      expect([...states]).toEqual(['activating', 'active'])
      const { StatusText, NotifyAccess } = await show(
        machine,
        'conductor',
        'StatusText',
        'NotifyAccess',
      )
      expect(StatusText).toBe(`listening on ${file?.url}, sessions found: 0`)
      expect(NotifyAccess).toBe('main')
    })

    it('is not active with a server that cannot listen, nor tried for ever with a wrong setting', async () => {
      const taken = createServer().listen(0, '127.0.0.1')
      onTestFinished(() => void taken.close())
      await until(() => taken.listening)
      const address = taken.address()
      const port = typeof address === 'object' ? address?.port : undefined
      await machine.sh('systemctl stop conductor')
      onTestFinished(() => writeSettings(machine, SETTINGS))

      await writeSettings(machine, SETTINGS, { AI_CONDUCTOR_ADDR: `127.0.0.1:${port}` })
      expect((await machine.run('systemctl', 'start', 'conductor')).code).toBe(1)
      const { SubState, ExecMainStatus } = await show(
        machine,
        'conductor',
        'SubState',
        'ExecMainStatus',
      )
      expect([SubState, ExecMainStatus]).toEqual(['auto-restart', '1'])

      await writeSettings(machine, SETTINGS, { AI_CONDUCTOR_ADDR: 'nonsense' })
      await machine.sh('systemctl stop conductor')
      expect((await machine.run('systemctl', 'start', 'conductor')).code).toBe(1)
      expect(await show(machine, 'conductor', 'ActiveState', 'ExecMainStatus')).toEqual({
        ...{ ActiveState: 'failed', ExecMainStatus: '2' },
      })
    })

    it('is back after kill -9 within its RestartSec and two seconds, with its sessions', async () => {
      await machine.sh('systemctl stop conductor')
      const startMs = performance.now()
      await machine.sh('systemctl start conductor')
      const startsInMs = performance.now() - startMs
      const server = await started()
      const session = await server.session(COUNTER)
      await untilWritten(server, session.id, /line 10\r?\n/)
      await machine.sh(`kill -9 ${server.pid}`)
      const tookMs = await untilBack(server.pid)
      expect(tookMs).toBeGreaterThan(RESTART_MS - 500)
      // A machine can be so busy that a start alone takes longer than that.
      expect(tookMs).toBeLessThan(RESTART_MS + Math.max(SOON_MS, 2 * startsInMs))
      const { NRestarts } = await show(machine, 'conductor', 'NRestarts')
      expect(Number(NRestarts)).toBe(1)
      const next = await started()
      expect(await next.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
    })

    it('is killed when its event loop hangs, and comes back', async () => {
      // As the unit says 30 s, only sooner.
      await dropIn('WatchdogSec=4s')
      await machine.sh('systemctl daemon-reload; systemctl stop conductor')
      const server = await started()
      const session = await server.session(COUNTER)
      // It lives on pings alone for longer than that.
      await untilWritten(server, session.id, /line 100\r?\n/)
      expect((await show(machine, 'conductor', 'MainPID')).MainPID).toBe(String(server.pid))
      await machine.sh(`kill -USR2 ${server.pid}`)
      const tookMs = await untilBack(server.pid)
      expect(tookMs).toBeLessThan(4_000 + RESTART_MS + 3 * SOON_MS)
      const log = await machine.out('journalctl', '--unit=conductor', '--output=cat')
      expect(log).toContain('Watchdog timeout (limit 4s)!')
      expect(log).toContain("Failed with result 'watchdog'")
      const next = await started()
      expect(await next.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
    })

    it('keeps sessions and daemons over a restart, and over a stop with all that comes between', async () => {
      const server = await started()
      const session = await server.session(
        `${COUNTER} | while read l; do echo "$l"; echo x > /tmp/of-session; done`,
      )
      await untilWritten(server, session.id, /line 10\r?\n/)
      const processes = [{ name: 'ticker', command: '/bin/sh', args: ['-c', COUNTER] }]
      const [daemon] = await server.json<{ pid: number }[]>('/api/processes?wait=true', {
        ...{ method: 'PUT', body: JSON.stringify({ processes }) },
      })

      await machine.out('systemctl', 'restart', 'conductor')
      const second = await started()
      expect(second.pid).not.toBe(server.pid)

      await machine.out('systemctl', 'stop', 'conductor')
      const { ActiveState, Result, ExecMainStatus } = await show(
        ...([machine, 'conductor', 'ActiveState', 'Result', 'ExecMainStatus'] as const),
      )
      expect([ActiveState, Result, ExecMainStatus]).toEqual(['inactive', 'success', '0'])
      expect(await lives(machine, session.pid)).toBe(true)
      expect(await lives(machine, daemon?.pid ?? 0)).toBe(true)
      // Nobody swept the floor under the session, as the end of a PrivateTmp= would.
      await machine.sh(`rm ${STATE}/tmp/of-session`)
      await until(() => readdirSync(machine.path(`${STATE}/tmp`)).includes('of-session'))

      const third = await started()
      expect(await third.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
      const [same] = await third.json<{ pid: number; phase: string }[]>('/api/processes')
      expect(same).toMatchObject({ pid: daemon?.pid, phase: 'running' })
      const before = counted(await third.text(`/api/sessions/${session.id}/output`)).length
      await until(
        async () => counted(await third.text(`/api/sessions/${session.id}/output`)).length > before,
      )
      const numbers = counted(await third.text(`/api/sessions/${session.id}/output`))
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    })

    it('lets nobody but the server speak to systemd, or know that there is one', async () => {
      const server = await started()
      const session = await server.session('sleep 600')
      const { ControlGroup } = await show(machine, 'conductor', 'ControlGroup')
      const list = await machine.out('cat', `/sys/fs/cgroup${ControlGroup}/cgroup.procs`)
      const pids = list.split('\n').map(Number)
      expect(pids).toContain(session.pid)
      const socket = /CONDUCTOR_NOTIFY_FD=\d+:(\d+)/.exec(environOf(machine, server.pid))?.[1]
      const link = (pid: number) => socketsOf(machine, pid).includes(`socket:[${socket}]`)
      expect(link(server.pid)).toBe(true)
      const others = pids.filter((pid) => pid !== server.pid)
      // Hosts and programs of sessions, a daemon and its guard.
      expect(others.length).toBeGreaterThan(3)
      for (const pid of others) {
        expect(environOf(machine, pid)).not.toMatch(SUPERVISED)
        expect(link(pid)).toBe(false)
      }
    })

    it('writes where it must and nowhere else, as its own user, without new privileges', async () => {
      // Where everybody may write, but for the unit.
      await machine.sh('mkdir -p -m 777 /srv/open')
      const server = await started()
      const session = await server.session(
        'for f in /etc /usr /srv/open /opt $HOME /tmp; do touch $f/mine 2>/dev/null && echo "wrote $f"; done; ls /home >/dev/null 2>&1 && echo sees homes; id -un; grep NoNewPrivs /proc/self/status; stty size; sleep 60',
      )
      const text = await untilWritten(server, session.id, /\d+ \d+\r?\n/)
      expect(text.replaceAll('\r', '').trim().split('\n')).toEqual([
        ...[`wrote ${STATE}`, 'wrote /tmp', 'conductor', 'NoNewPrivs:\t1', expect.any(String)],
      ])
      expect(readdirSync(machine.path('/tmp'))).not.toContain('mine')
    })
  },
)
