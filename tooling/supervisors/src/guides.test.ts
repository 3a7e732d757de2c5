import { until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksBelow, guide } from './guide.ts'
import { bootMachine, type Machine, NODE, REPO, whyNoMachine } from './machine.ts'

const why = whyNoMachine('supervisord')
const STATE = '/var/lib/conductor'

/** `conductor` and `node` as the guide has them in the `PATH`, and somebody's free port. */
async function install(machine: Machine): Promise<void> {
  // nspawn covers the id of this boot, and systemd uncovers it for a unit with mounts of its own: then
  // nobody outside the unit can tell that the server's process is of this boot.
  await machine.sh(`
    while umount /proc/sys/kernel/random/boot_id; do :; done 2> /dev/null
    ln -sf ${NODE} /usr/local/bin/node
    ln -sf ${REPO}/apps/cli/dist/main.js /usr/local/bin/conductor
    mkdir -p /etc/conductor
    echo 'AI_CONDUCTOR_ADDR="127.0.0.1:0"' > /etc/conductor/conductor.env
    echo '{ "addr": "127.0.0.1:0" }' > /etc/conductor/conductor.json`)
}

/** The block of a guide that holds `text`. */
function block(name: string, heading: string, text: string): string {
  const found = blocksBelow(name, heading).find((each) => each.includes(text))
  if (found === undefined) throw new Error(`nothing below ${heading} in ${name} has ${text}`)
  return found
}

/** Every line below a heading that begins so, without what is said about it. */
function lines(name: string, heading: string, start: RegExp): readonly string[] {
  return blocksBelow(name, heading)
    .flatMap((each) => each.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter((line) => start.test(line))
}

/** What is below "It comes back" in the guide, typed by the user of the service in its home. */
async function comesBack(machine: Machine): Promise<void> {
  const conductor = `runuser -u conductor -- conductor --state-dir ${STATE}`
  let said = ''
  const isReady = async () => {
    const { stdout, stderr } = await machine.run('sh', '-c', `${conductor} status`)
    said = stdout + stderr
    return stdout.includes('ready')
  }
  await until(isReady, { timeoutMs: 30_000, what: 'it is ready' }).catch((cause: unknown) => {
    throw new Error(said, { cause })
  })
  const typed = block('verify.md', 'It comes back', 'kill -9')
    .replace('conductor start ', `until ${conductor} status; do sleep 0.2; done`)
    .replace(/^(session=\$\(|)conductor (?!--)/gm, `$1${conductor} `)
    .replace('data/running.json', `${STATE}/running.json`)
  said = await machine.sh(`cd ${STATE}\n${typed}`)
  expect(said).toContain('before')
  const pids = [...said.matchAll(/^\S.* (\d+) +\S*sh\b/gm)].map(([, pid]) => pid)
  // The same ones after as before.
  expect(pids.length).toBeGreaterThan(1)
  expect(pids.slice(pids.length / 2)).toEqual(pids.slice(0, pids.length / 2))
}

const title = (text: string): string => (why === undefined ? text : `${text} (skipped: ${why})`)

describe.skipIf(why !== undefined)(title('the guides in a machine'), { timeout: 120_000 }, () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await bootMachine()
    await install(machine)
  })
  afterAll(() => machine?.close())

  it('install, manage, verify and troubleshoot under systemd, as it stands there', async () => {
    await machine.sh(block('install.md', 'With systemd', 'useradd'))
    await comesBack(machine)
    const manage = ['stop', 'start', 'restart', 'status'].map(
      (verb) => `systemctl ${verb} conductor`,
    )
    await machine.sh(manage.join('\n'))
    for (const heading of ['The server does not start', 'It restarts again and again']) {
      const typed = lines('troubleshoot.md', heading, /^(?:systemctl|journalctl) /)
      expect(typed.length).toBeGreaterThan(1)
      // A log in which nothing was wrong has no such line.
      await machine.sh(typed.map((line) => line.replace(/\| grep .*/, '$& || true')).join('\n'))
    }
    await machine.sh('systemctl disable --now conductor; rm -rf /var/lib/conductor/running.json')
  })

  it('install, manage and verify under supervisord, as it stands there', async () => {
    await machine.sh(`
      id conductor || useradd --system --create-home --home-dir ${STATE} --shell /bin/bash conductor
      systemctl start supervisor
      until supervisorctl pid > /dev/null; do sleep 0.2; done`)
    const typed = block('install.md', 'With supervisord', 'conductor generate')
    // It is installed here, and there may be no network.
    await machine.sh(
      typed.replace('apt-get install supervisor', '').replace(/^supervisorctl status.*/m, ''),
    )
    await comesBack(machine)
    await machine.sh(
      ['restart', 'stop', 'start', 'status']
        .map((verb) => `supervisorctl ${verb} conductor`)
        .join('\n'),
    )
  })

  it('a container: the steps of the Dockerfile, but those that want a network, and its commands', async () => {
    const file = guide('container/Dockerfile')
    const steps = [...file.matchAll(/^RUN (.*)$/gm)].map(([, step = '']) => step)
    const settings = [...file.matchAll(/^ENV (.*)$/gm)].map(([, setting = '']) => setting)
    const list = (name: string): string[] =>
      JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(file)?.[1] ?? '[]')
    const [entry, health, command] = [list('ENTRYPOINT'), list('HEALTHCHECK.* CMD'), list('CMD')]
    const local = steps.filter((step) => !/apt-get|npx/.test(step))
    expect([local.length, settings.length, entry.length]).toEqual([3, 3, 2])
    // The user and the link of the other guides make way.
    await machine.sh(`
      supervisorctl stop conductor || true
      userdel --force conductor || true; rm -f /usr/local/bin/conductor
      ${local.join('\n')}`)
    const env = [...settings, 'AI_CONDUCTOR_PASSWORD=correct-horse-battery', 'SHELL=/bin/sh']
    const user = [
      'setpriv',
      '--reuid=conductor',
      '--regid=conductor',
      '--init-groups',
      'env',
      ...env,
    ]
    const start = async (): Promise<string> => {
      // As process 1 of its own processes; there is no tini here to stand before it.
      await machine.out('systemctl', 'reset-failed')
      const box = ['unshare', '--pid', '--fork', '--mount-proc', ...user, ...command]
      const how = ['--unit=box', '--remain-after-exit', '--property=KillMode=process']
      await machine.out('systemd-run', ...how, ...box)
      const main = await machine.out('systemctl', 'show', '-P', 'MainPID', 'box')
      let said = ''
      const look = async (): Promise<string | undefined> => {
        const pid = (await machine.run('pgrep', '-P', main)).stdout.trim()
        const inside = ['--target', pid || '1', '--mount', '--pid', ...user, ...health]
        const { code, stdout, stderr } = await machine.run('nsenter', ...inside)
        said = `${pid}: ${stdout}${stderr}`
        return pid !== '' && code === 0 ? pid : undefined
      }
      return until(look, { timeoutMs: 30_000, what: 'health' }).catch(async (cause: unknown) => {
        const log = await machine.out('journalctl', '--unit=box', '--no-pager')
        throw new Error(`${said}\n${log}`, { cause })
      })
    }
    for (const _ of ['first', 'second']) {
      const pid = await start()
      await machine.out('kill', '-TERM', pid)
      await until(
        async () => (await machine.out('systemctl', 'show', '-P', 'SubState', 'box')) === 'exited',
        { timeoutMs: 25_000, what: 'a graceful end' },
      )
      expect(await machine.out('systemctl', 'show', '-P', 'ExecMainStatus', 'box')).toBe('0')
      await machine.out('systemctl', 'stop', 'box')
    }
    expect(await machine.out('stat', '-c', '%a %U', '/state', '/state/sessions')).toBe(
      '700 conductor\n700 conductor',
    )
  })
})
