import { shimCommand } from '@conductor/sd-notify'
import { CliError } from '../cli-error.ts'
import { sandbox, strictSandbox } from './sandbox.ts'
import { environmentWord, execWord, plainPath, renderSections, type Setting } from './unit-text.ts'

/** Where the programs of this installation are, absolute. */
export interface Installation {
  readonly node: string
  /** The built server. */
  readonly server: string
  /** `undefined` where there is none: then each message to systemd costs a process. */
  readonly perl: string | undefined
}

export interface UnitUser {
  readonly name: string
  /** `undefined` for one that this machine does not know (yet). */
  readonly home: string | undefined
}

export interface UnitOptions {
  readonly installation: Installation
  /** Who the server runs as; `undefined`: a unit of that user's own systemd. */
  readonly user: UnitUser | undefined
  /** One server for each project: `conductor@.service`. */
  readonly instance: boolean
  /** Holds the projects of instances (default: `dev` in the home of the user). */
  readonly projects?: string | undefined
  /** The state folder; that of an instance is in there (default: `/var/lib/conductor`, `~/.local/state/conductor`). */
  readonly stateDir?: string | undefined
  /** As in `512M`, `50%` or `none` (default: none; 512M for instances). */
  readonly memory?: string | undefined
  /** As in `25%` of one processor, or `none` (default: none; 25% for instances). */
  readonly cpu?: string | undefined
  /** Everything else that hardens, whatever it costs programs in sessions. */
  readonly strict?: boolean | undefined
}

/** Of the documented project daemon. */
const INSTANCE_LIMITS = { memory: '512M', cpu: '25%' }

/** The unit as a text. It holds for exactly these paths. @throws CliError `USAGE`. */
export function systemdUnit(options: UnitOptions): string {
  const { installation, user, instance, strict = false } = options
  if (user?.home !== undefined) plainPath('the home', user.home)
  const stateDir = stateDirOf(options)
  const reads = [installation.node, installation.server.replace(/\/apps\/server\/.*$/, '')]
  const writes = instance && options.projects !== undefined ? [options.projects] : []
  return renderSections(head(options), [
    {
      name: 'Unit',
      settings: [
        { name: 'Description', value: `Conductor${instance ? ' for %i' : ''}` },
        ...(user ? [{ name: 'After', value: 'network.target' }] : []),
        {
          ...{ name: 'StartLimitIntervalSec', value: '600' },
          why: 'Given up after five starts in ten minutes, those by hand included; systemctl reset-failed forgets them.',
        },
        { name: 'StartLimitBurst', value: '5' },
      ],
    },
    {
      name: 'Service',
      settings: [
        ...notifying(installation),
        ...(user ? [{ name: 'User', value: user.name }] : []),
        ...surroundings(options, stateDir),
        ...restarting,
        ...outliving,
        ...limits(options),
        ...(user ? sandbox({ user, stateDir, reads, writes }) : noSandbox),
        ...(user && strict ? strictSandbox : []),
      ],
    },
    {
      name: 'Install',
      settings: [{ name: 'WantedBy', value: user ? 'multi-user.target' : 'default.target' }],
    },
  ])
}

function head({ user, instance }: UnitOptions): string[] {
  const unit = instance ? 'conductor@.service' : 'conductor.service'
  const one = instance ? 'conductor@PROJECT' : 'conductor'
  const file = user ? `/etc/systemd/system/${unit}` : `~/.config/systemd/user/${unit}`
  const systemctl = user ? 'systemctl' : 'systemctl --user'
  const settings = user ? '/etc/conductor' : '~/.config/conductor'
  return [
    `${file}: for the paths of this very installation. Generate it anew when node or Conductor has moved.`,
    '',
    `  ${systemctl} daemon-reload`,
    `  ${systemctl} enable --now ${one}`,
    ...(user?.home === undefined && user
      ? [
          '',
          `The user, if there is none yet: useradd --system --create-home --home-dir /var/lib/${user.name} --shell /bin/bash ${user.name}`,
        ]
      : []),
    ...(user
      ? []
      : ['', 'It starts at boot, and goes on after you log out, once: loginctl enable-linger']),
    '',
    `Settings, the password among them, are read from ${settings}/${instance ? 'PROJECT' : 'conductor'}.env (mode 0600), as in`,
    '  AI_CONDUCTOR_PASSWORD=...',
    `  AI_CONDUCTOR_ADDR=127.0.0.1:8080${instance ? '    (another port for each project)' : ''}`,
  ]
}

function notifying({ node, server, perl }: Installation): Setting[] {
  const command = [node, server]
  const exec = perl === undefined ? command : shimCommand(command, { perl })
  return [
    {
      ...{ name: 'Type', value: 'notify' },
      why: 'Active only when the server listens and has found its sessions.',
    },
    perl === undefined
      ? {
          ...{ name: 'NotifyAccess', value: 'all' },
          why: 'There is no Perl here, so systemd-notify carries the messages: a process of its own. Any program in a session could too.',
        }
      : {
          ...{ name: 'NotifyAccess', value: 'main' },
          why: 'The server alone. The line of Perl connects it to systemd and becomes node, under the same pid.',
        },
    { name: 'ExecStart', value: exec.map(execWord).join(' ') },
  ]
}

function surroundings({ user, instance, ...options }: UnitOptions, stateDir: string): Setting[] {
  const name = instance ? '%i' : 'conductor'
  const custom = user !== undefined && !stateDir.startsWith('/var/lib/')
  const makes = [stateDir, `${stateDir}/tmp`].map((path) => execWord(path).replaceAll('%%i', '%i'))
  return [
    {
      ...{ name: 'WorkingDirectory', value: workingDirectory({ user, instance, ...options }) },
      why: instance ? 'The project.' : undefined,
    },
    {
      name: 'Environment',
      value: [
        environmentWord('AI_CONDUCTOR_STATE_DIR', stateDir),
        environmentWord('AI_CONDUCTOR_DATA_DIR', `${stateDir}/sessions`),
      ].join(' '),
    },
    {
      ...{
        name: 'EnvironmentFile',
        value: `-${user ? '/etc' : '%h/.config'}/conductor/${name}.env`,
      },
      why: 'May be missing.',
    },
    ...(custom
      ? [
          {
            ...{
              name: 'ExecStartPre',
              value: `+/usr/bin/install -d -m 0700 -o ${user.name} ${makes.join(' ')}`,
            },
            why: 'As root, because the folder above may be.',
          },
        ]
      : []),
  ]
}

const restarting: readonly Setting[] = [
  {
    ...{ name: 'Restart', value: 'on-failure' },
    why: 'After a crash, kill -9 or a missed watchdog; not after a stop, nor after POST /api/shutdown.',
  },
  { name: 'RestartSec', value: '3s' },
  {
    ...{ name: 'RestartPreventExitStatus', value: '2' },
    why: 'A setting that is wrong does not mend itself.',
  },
  {
    ...{ name: 'WatchdogSec', value: '30s' },
    why: 'Without a ping for so long the server is killed, and started again. It pings only while its event loop keeps up.',
  },
  {
    ...{ name: 'TimeoutStopSec', value: '25s' },
    why: 'A graceful end takes at most 15 s.',
  },
]

const outliving: readonly Setting[] = [
  {
    ...{ name: 'KillMode', value: 'process' },
    why: 'A stop or restart ends the server alone. Sessions and daemons go on in this cgroup, and the next start adopts them; systemd says that it found them, once for each.',
  },
  {
    ...{ name: 'OOMPolicy', value: 'continue' },
    why: 'A program in a session that ran out of memory is no reason to end the server.',
  },
]

function limits({ instance, ...options }: UnitOptions): Setting[] {
  const { memory = instance ? INSTANCE_LIMITS.memory : 'none' } = options
  const { cpu = instance ? INSTANCE_LIMITS.cpu : 'none' } = options
  checkLimit('--memory', memory, /^([1-9]\d{0,14}[KMGT]?|100%|[1-9]\d?%|none)$/, '512M, 2G, 50%')
  checkLimit('--cpu', cpu, /^([1-9]\d{0,5}%|none)$/, '25%, or 200% for two processors')
  return [
    {
      ...{ name: 'MemoryMax', value: memory === 'none' ? 'infinity' : memory },
      why: 'Of the server, all its sessions and all its daemons together. --memory and --cpu change it, and none lifts it.',
    },
    ...(cpu === 'none' ? [] : [{ name: 'CPUQuota', value: cpu }]),
  ]
}

const noSandbox: readonly Setting[] = [
  {
    ...{ name: 'NoNewPrivileges', value: 'no' },
    why: "These are your own terminals, where sudo works. Your own systemd could not protect much either: ProtectSystem= and the like need root, or a namespace in which root's files are nobody's.",
  },
]

/** Where the template's projects are, and the service's state is, in words that its systemd understands. */
function stateDirOf({ user, instance, stateDir }: UnitOptions): string {
  const given = stateDir === undefined ? undefined : plainPath('--state-dir', stateDir)
  const base = given ?? (user ? '/var/lib/conductor' : '%h/.local/state/conductor')
  return instance ? `${base}/%i` : base
}

function workingDirectory({ user, instance, projects }: UnitOptions): string {
  // `-`: a service user may have no home.
  if (!instance) return user ? '-~' : '%h'
  if (projects !== undefined) return `${plainPath('--projects', projects)}/%i`
  if (!user) return '%h/dev/%i'
  if (user.home !== undefined) return `${user.home}/dev/%i`
  const why = `this machine knows no user ${user.name}, and so not where the projects are`
  throw new CliError('USAGE', `--instance: ${why}; add --projects DIR`)
}

function checkLimit(flag: string, value: string, allowed: RegExp, examples: string): void {
  if (allowed.test(value)) return
  throw new CliError(
    'USAGE',
    `${flag}: ${JSON.stringify(value)} is no limit; write ${examples}, or none`,
  )
}
