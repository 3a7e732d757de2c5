import type { Installation, UnitUser } from './systemd-unit.ts'
import { plainPath, renderSections } from './unit-text.ts'

export interface SupervisorOptions {
  readonly installation: Pick<Installation, 'node' | 'server'>
  /** Who the server runs as. */
  readonly user: UnitUser
  /** (Default: `/var/lib/conductor`.) */
  readonly stateDir?: string | undefined
}

/** A program of supervisord as a text. @throws CliError `USAGE`. */
export function supervisorConfig({ installation, user, ...options }: SupervisorOptions): string {
  const stateDir = plainPath('--state-dir', options.stateDir ?? '/var/lib/conductor')
  const home = user.home ?? stateDir
  const command = [installation.node, installation.server].map(
    (path) => `"${plainPath('the installation', path)}"`,
  )
  const environment = {
    HOME: plainPath('the home', home),
    USER: user.name,
    LOGNAME: user.name,
    AI_CONDUCTOR_STATE_DIR: stateDir,
    AI_CONDUCTOR_DATA_DIR: `${stateDir}/sessions`,
    AI_CONDUCTOR_CONFIG: '/etc/conductor/conductor.json',
  }
  return renderSections(
    [
      '/etc/supervisor/conf.d/conductor.conf: for the paths of this very installation. Generate it anew when node or Conductor has moved.',
      '',
      `  install -d -m 0700 -o ${user.name} ${stateDir}`,
      `  install -D -m 0600 -o ${user.name} /dev/stdin /etc/conductor/conductor.json <<< '{"password": "...", "addr": "127.0.0.1:8080"}'`,
      '  supervisorctl reread && supervisorctl update',
    ],
    [
      {
        name: 'program:conductor',
        settings: [
          { name: 'command', value: command.join(' ') },
          { name: 'directory', value: stateDir },
          { name: 'user', value: user.name },
          {
            ...{ name: 'environment', value: pairs(environment) },
            why: 'supervisord changes the user, and not what the environment says of it. Everybody may read this file: the password stands in the other one.',
          },
          { name: 'autostart', value: 'true' },
          {
            ...{ name: 'autorestart', value: 'true' },
            why: 'After every end but supervisorctl stop.',
          },
          {
            ...{ name: 'startsecs', value: '5' },
            why: 'An end before that is a failed start. After startretries of them in a row, each a second later than the one before, it is FATAL and left alone.',
          },
          { name: 'startretries', value: '5' },
          {
            ...{ name: 'stopwaitsecs', value: '10' },
            why: 'A graceful end is done in a moment, unless a slow connection holds it up (15 s at most). Being killed then costs nothing.',
          },
          { name: 'stopsignal', value: 'TERM' },
          {
            ...{ name: 'stopasgroup', value: 'false' },
            why: 'The server alone: sessions and daemons go on, and the next start adopts them.',
          },
          { name: 'killasgroup', value: 'false' },
          { name: 'redirect_stderr', value: 'true' },
          {
            ...{ name: 'stdout_logfile', value: '/var/log/supervisor/conductor.log' },
            why: 'supervisord writes as root: in a folder of the user, a link could lead it anywhere.',
          },
          { name: 'stdout_logfile_maxbytes', value: '10MB' },
          { name: 'stdout_logfile_backups', value: '3' },
          { name: 'priority', value: '999' },
        ],
      },
    ],
  )
}

function pairs(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')
}
