import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

/** Under whom a process runs: the unit whose end systemd would make its end too. */
interface Unit {
  readonly name: string
  /** Of a user's own systemd. */
  readonly isUsers: boolean
}

/** @param pid The server; undefined for this process, which `conductor start` would pass it on from. */
function unitOf({ read }: Readers, pid: number | undefined): Unit | undefined {
  const path = /^0::(.*)$/m.exec(read(`/proc/${pid ?? 'self'}/cgroup`) ?? '')?.[1] ?? ''
  const names = path.split('/').filter((part) => /\.(service|scope)$/.test(part))
  const name = names.at(-1)
  return name === undefined ? undefined : { name, isUsers: /\/user@\d+\.service\/./.test(path) }
}

/** Whether systemd, when the server ends, ends the sessions with it. */
export async function checkCgroup(readers: Readers, pid?: number): Promise<Finding> {
  const { pass, warn, fail } = findings('cgroup')
  if (readers.platform !== 'linux') return pass('there are none on this system')
  const unit = unitOf(readers, pid)
  if (!unit) return pass('in no unit of systemd')
  const { name, isUsers } = unit
  if (name.endsWith('.scope')) {
    if (!/^session-/.test(name) || !killsAtLogout(readers)) return pass(`in ${name}`)
    return fail(
      `in ${name}, and logind ends all of it when you log out (KillUserProcesses=yes)`,
      'server, sessions and daemons end with your login',
      'run it as a unit: conductor generate systemd-user --help',
    )
  }
  const which = isUsers ? ['--user'] : []
  const mode = await readers.run('systemctl', ...which, 'show', '-P', 'KillMode', name)
  if (mode === 'process' || mode === 'none') return pass(`in ${name} with KillMode=${mode}`)
  const scope = isUsers ? 'systemctl --user' : 'systemctl'
  const fix = `${scope} edit ${name}, and write [Service] and KillMode=process, as conductor generate systemd does`
  if (!mode)
    return warn(
      `in ${name}, whose KillMode cannot be told`,
      'with any other than process, every session ends when the service stops',
      fix,
    )
  return fail(
    `in ${name} with KillMode=${mode}`,
    'when the service stops or restarts, every session ends',
    fix,
  )
}

/** The default of systemd is no; of a distribution, nobody knows. The last one that says so wins. */
function killsAtLogout({ read, list }: Readers): boolean {
  const places = ['/usr/lib/systemd/logind.conf.d', '/etc/systemd/logind.conf.d']
  const files = [
    '/etc/systemd/logind.conf',
    ...places.flatMap((dir) => list(dir).map((name) => `${dir}/${name}`)),
  ]
  const said = files.flatMap((path) =>
    [...(read(path) ?? '').matchAll(/^\s*KillUserProcesses\s*=\s*(\w+)/gm)].map(([, word]) => word),
  )
  return /^(yes|true|on|1)$/i.test(said.at(-1) ?? '')
}

/** Whether a user's own services go on when the user logs out. */
export function checkLinger(readers: Readers, user: string, pid?: number): Finding {
  const { pass, warn } = findings('linger')
  if (readers.platform !== 'linux') return pass('not needed on this system')
  if (!unitOf(readers, pid)?.isUsers) return pass("not needed: not in a user's unit")
  if (readers.stat(`/var/lib/systemd/linger/${user}`)) return pass(`on for ${user}`)
  return warn(
    `off for ${user}`,
    'the server ends when you log out, and does not start with the machine',
    `loginctl enable-linger ${user}`,
  )
}
