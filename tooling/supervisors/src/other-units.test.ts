import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  COUNTER,
  generate,
  logIn,
  runFile,
  type Server,
  show,
  untilWritten,
  writeSettings,
} from './conductor.ts'
import { bootMachine, type Machine, NODE, REPO, whyNoMachine } from './machine.ts'

/** For `sh`. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

const why = whyNoMachine('loginctl', 'runuser')

describe.skipIf(why !== undefined)(
  `units for a person${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 60_000 },
  () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await bootMachine()
      await machine.sh(`
        useradd --create-home --shell /bin/bash dev
        useradd --create-home other
        runuser -u dev -- mkdir -p /home/dev/dev/shop /home/dev/dev/site /home/dev/.config/systemd/user`)
    })
    afterAll(() => machine?.close())

    async function serverOf(unit: string, stateDir: string): Promise<Server> {
      await machine.sh(`systemctl daemon-reload; systemctl start ${unit}`)
      const { MainPID } = await show(machine, unit, 'MainPID')
      return logIn(machine, stateDir, Number(MainPID))
    }

    it('run one server for each project, in the project, within the limits of the document', async () => {
      await generate(
        machine,
        '/etc/systemd/system/conductor@.service',
        ...['systemd', '--user', 'dev', '--instance'],
      )
      for (const project of ['shop', 'site'])
        await writeSettings(machine, `/etc/conductor/${project}.env`)
      const shop = await serverOf('conductor@shop', '/var/lib/conductor/shop')
      const site = await serverOf('conductor@site', '/var/lib/conductor/site')
      expect(shop.url).not.toBe(site.url)
      // Neither root's home, as a `%h` of a system's unit would be, nor a user named like the project.
      expect(readlinkSync(machine.path(`/proc/${shop.pid}/cwd`))).toBe('/home/dev/dev/shop')
      expect(await machine.out('ps', '-o', 'user=', '-p', String(shop.pid))).toBe('dev')
      const limits = ['MemoryMax', 'CPUQuotaPerSecUSec'] as const
      expect(await show(machine, 'conductor@shop', ...limits)).toEqual({
        ...{ MemoryMax: '536870912', CPUQuotaPerSecUSec: '250ms' },
      })
      const session = await shop.session(
        'cd; pwd; ls /home; touch dev/shop/made .made && echo wrote; touch /tmp/made; echo done; sleep 600',
      )
      const text = await untilWritten(shop, session.id, /done/)
      expect(text.trim().split(/\r?\n/)).toEqual(['/home/dev', 'dev', 'wrote', 'done'])
      expect(readdirSync(machine.path('/home/dev/dev/shop'))).toEqual(['made'])
      expect(readdirSync(machine.path('/var/lib/conductor/shop/tmp'))).toEqual(['made'])
      expect(readdirSync(machine.path('/var/lib/conductor/site/tmp'))).toEqual([])
      await machine.sh('systemctl stop conductor@shop conductor@site')
    })

    it('hold where everything is taken from sessions that few programs need', async () => {
      await generate(
        machine,
        '/etc/systemd/system/conductor.service',
        ...['systemd', '--user', 'dev', '--strict'],
      )
      await writeSettings(machine, '/etc/conductor/conductor.env')
      const server = await serverOf('conductor', '/var/lib/conductor')
      const session = await server.session(COUNTER)
      await untilWritten(server, session.id, /line 3\r?\n/)
      await machine.sh('systemctl restart conductor')
      const next = await serverOf('conductor', '/var/lib/conductor')
      expect(await next.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
      await machine.sh('systemctl stop conductor')
    })

    it('start what has an odd path, word for word', async () => {
      const odd = `/opt/odd \${HOME} %h 'q' b\\ack`
      await machine.sh(`
        mkdir -p ${quoted(odd)}; touch ${quoted(`${odd}/node`)}
        mount --bind ${NODE} ${quoted(`${odd}/node`)}`)
      const unit = '/etc/systemd/system/conductor.service'
      const cli = `${REPO}/apps/cli/dist/main.js`
      await machine.out(`${odd}/node`, cli, ...['generate', 'systemd', '--user', 'dev', '-o', unit])
      await writeSettings(machine, '/etc/conductor/conductor.env')
      const server = await serverOf('conductor', '/var/lib/conductor')
      expect(readFileSync(machine.path(`/proc/${server.pid}/cmdline`), 'utf8').split('\0')).toEqual(
        [...[`${odd}/node`, `${REPO}/apps/server/dist/main.js`, '']],
      )
      await machine.sh('systemctl stop conductor')
    })

    it("run in a person's own systemd, from boot, and keep sessions there too", async () => {
      const uid = await machine.out('id', '-u', 'dev')
      const asDev = (...args: readonly string[]) =>
        machine.out(
          ...([
            'runuser',
            '-u',
            'dev',
            '--',
            'env',
            `XDG_RUNTIME_DIR=/run/user/${uid}`,
            ...args,
          ] as const),
        )
      const own = (...args: readonly string[]) => asDev('systemctl', '--user', ...args)
      const mainPid = async () =>
        Number(await own('show', '--value', '--property=MainPID', 'conductor'))
      const file = '/home/dev/.config/systemd/user/conductor.service'
      await asDev(
        ...[NODE, `${REPO}/apps/cli/dist/main.js`, 'generate', 'systemd-user', '-o', file],
      )
      await writeSettings(machine, '/home/dev/.config/conductor/conductor.env')
      await machine.out('loginctl', 'enable-linger', 'dev')
      await until(
        async () => (await machine.run('systemctl', 'is-active', `user@${uid}`)).code === 0,
        {
          ...{ timeoutMs: 20_000, what: "dev's own systemd" },
        },
      )
      expect((await asDev('systemd-analyze', 'verify', '--user', file)).trim()).toBe('')
      await own('daemon-reload')
      await own('enable', '--now', 'conductor')
      const stateDir = '/home/dev/.local/state/conductor'
      const first = await logIn(machine, stateDir, await mainPid())
      expect(await own('show', '--value', '--property=StatusText', 'conductor')).toContain(
        first.url,
      )
      const session = await first.session(COUNTER)
      await untilWritten(first, session.id, /line 3\r?\n/)

      await own('restart', 'conductor')
      const second = await logIn(machine, stateDir, await mainPid())
      await machine.sh(`kill -9 ${second.pid}`)
      await until(
        async () =>
          ![0, second.pid].includes(await mainPid()) &&
          runFile(machine, stateDir)?.pid === (await mainPid()),
        {
          ...{ timeoutMs: 20_000, what: 'the server to be back' },
        },
      )
      const third = await logIn(machine, stateDir)
      expect(await third.sessions()).toContainEqual(
        expect.objectContaining({ id: session.id, pid: session.pid, status: 'running' }),
      )
    })
  },
)
