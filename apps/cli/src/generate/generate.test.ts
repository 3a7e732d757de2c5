import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isCliError } from '../cli-error.ts'
import { ran } from '../testing/run.ts'
import { supervisorConfig } from './supervisor-config.ts'
import { systemdUnit, type UnitOptions } from './systemd-unit.ts'
import { findUser } from './target.ts'
import { execWord } from './unit-text.ts'

const installation = {
  node: '/usr/bin/node',
  server: '/opt/conductor/apps/server/dist/main.js',
  perl: '/usr/bin/perl',
}
const canVerify = existsSync('/usr/bin/systemd-analyze')
const service = { name: 'conductor', home: undefined }
const person = { name: 'dev', home: '/home/dev' }
const system: UnitOptions = { installation, user: service, instance: false }

/** The units as users get them, each under the name of its file. */
const units: readonly (readonly [string, UnitOptions])[] = [
  ['conductor.service', system],
  ['conductor-strict.service', { ...system, strict: true }],
  ['conductor-person.service', { ...system, user: person, memory: '2G', cpu: '150%' }],
  ['conductor@.service', { ...system, user: person, instance: true }],
  ['conductor-user.service', { ...system, user: undefined }],
  ['conductor-user@.service', { ...system, user: undefined, instance: true, cpu: 'none' }],
  ['conductor-elsewhere.service', { ...system, stateDir: '/srv/my state' }],
]

/** Lines of settings, by name. */
function settings(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line))
  return new Map(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '')]))
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return isCliError(error) ? error.code : String(error)
  }
}

describe('a unit', () => {
  it.each(units)('%s is as it was', async (name, options) => {
    await expect(systemdUnit(options)).toMatchFileSnapshot(`./golden/${name}`)
  })

  it.skipIf(!canVerify).each(units)('%s passes systemd-analyze verify', (name, options) => {
    const folder = temporaryFolder(onTestFinished)
    // Programs of this machine: it looks for them.
    const real = { node: process.execPath, server: '/opt/main.js', perl: '/usr/bin/perl' }
    const file = join(folder, name.replace('@', '@x'))
    writeFileSync(file, systemdUnit({ ...options, installation: real }))
    const scope = options.user ? '--system' : '--user'
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', scope, file], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: folder, HOME: folder },
    })
    // Without a warning, too.
    expect([status, stdout, stderr]).toEqual([0, '', ''])
  })

  it('has the names that systemd has now, where it looks for them', () => {
    for (const [, options] of units) {
      const text = systemdUnit(options)
      expect(text).not.toMatch(/MemoryLimit|StartLimitInterval=/)
      expect(text.indexOf('StartLimitIntervalSec')).toBeLessThan(text.indexOf('[Service]'))
      // The home of root, in a unit of the system.
      if (options.user) expect(text).not.toContain('%h')
      expect(text).not.toContain('User=%i')
    }
  })

  it('restarts, watches and limits as the documents say, and lets flags change the limits', () => {
    expect(
      Object.fromEntries(settings(systemdUnit({ ...system, user: person, instance: true }))),
    ).toMatchObject({
      ...{ Type: 'notify', Restart: 'on-failure', RestartSec: '3s', WatchdogSec: '30s' },
      ...{ MemoryMax: '512M', CPUQuota: '25%', StartLimitBurst: '5', KillMode: 'process' },
      ...{ NoNewPrivileges: 'yes', ProtectSystem: 'strict', ProtectHome: 'tmpfs' },
    })
    const lifted = settings(
      systemdUnit({ ...system, instance: true, projects: '/srv/p', memory: 'none', cpu: 'none' }),
    )
    expect([lifted.get('MemoryMax'), lifted.has('CPUQuota')]).toEqual(['infinity', false])
    expect(lifted.get('ReadWritePaths')).toBe('/var/lib/conductor/%i /srv/p')
  })

  it('shows an installation that would be hidden, but not a second time what is in the home already', () => {
    const home = { ...installation, server: '/home/dev/conductor/apps/server/dist/main.js' }
    const seen = settings(systemdUnit({ ...system, installation: home }))
    expect(seen.get('BindReadOnlyPaths')).toBe('/home/dev/conductor')
    const own = settings(systemdUnit({ ...system, installation: home, user: person }))
    expect(own.has('BindReadOnlyPaths')).toBe(false)
    expect(own.get('BindPaths')).toBe('/home/dev /var/lib/conductor/tmp:/tmp')
  })

  it('without Perl lets systemd-notify speak', () => {
    const unit = settings(
      systemdUnit({ ...system, installation: { ...installation, perl: undefined } }),
    )
    expect(unit.get('NotifyAccess')).toBe('all')
    expect(unit.get('ExecStart')).toBe("'/usr/bin/node' '/opt/conductor/apps/server/dist/main.js'")
  })

  it('means each word of its command as it is, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (word) => {
        fc.pre(!word.includes('\0'))
        const inside = /^'(.*)'$/s.exec(execWord(word))?.[1] ?? ''
        expect(inside).not.toContain('\n')
        // As systemd reads it: escapes, then specifiers, then variables.
        const unescaped = inside.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
        expect(unescaped.replaceAll('%%', '')).not.toContain('%')
        expect(unescaped.replaceAll('%%', '%').replaceAll('$$', '$')).toBe(word)
      }),
    )
  })

  it.each([
    [{ memory: 'lots' }],
    [{ memory: '0' }],
    [{ cpu: '25' }],
    [{ cpu: '25%\nExecStartPre=/bin/evil' }],
    [{ stateDir: '/srv/100%' }],
    [{ stateDir: '/srv/a:b' }],
    [{ stateDir: 'relative' }],
    [{ instance: true }],
    [{ instance: true, projects: '/srv/a"b' }],
    [{ user: { name: 'x', home: '/home/x\nUser=root' } }],
  ])('refuses %j', (over) => {
    expect(codeOf(() => systemdUnit({ ...system, ...over }))).toBe('USAGE')
  })
})

describe('a program of supervisord', () => {
  const user = { name: 'conductor', home: '/var/lib/conductor' }

  it('is as it was', async () => {
    const text = supervisorConfig({ installation, user })
    await expect(text).toMatchFileSnapshot('./golden/conductor.conf')
  })

  it('has the numbers of the document', () => {
    expect(Object.fromEntries(settings(supervisorConfig({ installation, user })))).toMatchObject({
      ...{ autorestart: 'true', startretries: '5', startsecs: '5', stopwaitsecs: '10' },
      ...{ stdout_logfile_maxbytes: '10MB', stdout_logfile_backups: '3', stopasgroup: 'false' },
    })
  })

  it.each(['/srv/a ;b', '/srv/%(x)s', '/srv/a"b', '/srv/#1'])('refuses %j', (stateDir) => {
    expect(codeOf(() => supervisorConfig({ installation, user, stateDir }))).toBe('USAGE')
  })
})

describe('the user', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\ndev:x:1000:1000::/home/dev:/bin/bash\n'
  const root = { username: 'root', homedir: '/root' }

  it('is who asks, another one by name, and never root by accident', () => {
    expect(findUser(undefined, { username: 'dev', homedir: '/x' }, passwd)).toEqual(person)
    expect(findUser(undefined, { username: 'ldap', homedir: '/home/ldap' }, passwd)).toEqual({
      ...{ name: 'ldap', home: '/home/ldap' },
    })
    expect(findUser(undefined, root, passwd)).toEqual(service)
    expect(findUser('dev', root, passwd)).toEqual(person)
    expect(findUser('root', root, passwd)).toEqual({ name: 'root', home: '/root' })
  })

  it.each(['', 'a b', '-x', 'a\nb', '%i', '../x'])('is not %j', (name) => {
    expect(codeOf(() => findUser(name, root, passwd))).toBe('USAGE')
  })
})

describe('conductor generate', () => {
  it('prints, or writes where it is told', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const printed = await ran(cwd, ['generate', 'systemd', '--user', 'conductor'])
    expect(printed).toMatchObject({ exitCode: 0, err: '' })
    expect(printed.out).toContain(`'${process.execPath}' '`)
    expect(printed.out).toMatch(/'[^']+\/apps\/server\/dist\/main\.js'\n/)
    const written = await ran(cwd, ['generate', 'systemd', '--user', 'conductor', '-o', 'unit'])
    expect(written).toEqual({ exitCode: 0, out: '', err: '' })
    expect(readFileSync(join(cwd, 'unit'), 'utf8')).toBe(printed.out)
    const elsewhere = await ran(cwd, ['--state-dir', 'state', 'generate', 'supervisor'])
    expect(elsewhere.out).toContain(`AI_CONDUCTOR_STATE_DIR="${cwd}/state"`)
    expect((await ran(cwd, ['generate', 'systemd-user'])).out).toContain('WantedBy=default.target')
  })

  it.each([
    [['systemd', '--cpu', 'lots'], '--cpu'],
    [['systemd', '--user', 'a b'], '--user'],
    [['systemd-user', '--strict'], '--strict'],
    [['supervisor', '--memory', '1G'], '--memory'],
    [['upstart'], 'upstart'],
  ])('%j is wrong usage, and says what of it', async (args, what) => {
    const { err, exitCode, out } = await ran(temporaryFolder(onTestFinished), ['generate', ...args])
    expect([exitCode, out]).toEqual([2, ''])
    expect(err).toMatch(/^conductor: /)
    expect(err).toContain(what)
  })

  it('says when the file cannot be written', async () => {
    const args = ['generate', 'systemd-user', '-o', 'no/such/folder']
    const { err, exitCode } = await ran(temporaryFolder(onTestFinished), args)
    expect([exitCode, err]).toEqual([1, expect.stringContaining('--output')])
  })
})
