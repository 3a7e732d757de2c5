import { expect, it } from 'vitest'
import { ownEnvironment, sessionEnvironment } from './session-environment.ts'

it('gives sessions no secret of the server, and nothing of its supervisor or of npm', () => {
  const own = {
    HOME: '/home/me',
    PATH: '/repo/node_modules/.bin:/x/node-gyp-bin:/usr/bin',
    AI_CONDUCTOR_PASSWORD: 'secret',
    AI_CONDUCTOR_ADDR: ':1',
    NOTIFY_SOCKET: '/run/n',
    WATCHDOG_USEC: '1',
    WATCHDOG_PID: '1',
    LISTEN_FDS: '1',
    npm_config_cache: 'x',
    INIT_CWD: '/repo',
    TERM: 'dumb',
    COLUMNS: '10',
    TMUX: 'x',
    MISSING: undefined,
  }
  expect(sessionEnvironment(own, '/bin/bash', { EDITOR: 'vi' })).toEqual({
    HOME: '/home/me',
    PATH: '/usr/bin',
    SHELL: '/bin/bash',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    EDITOR: 'vi',
  })
})

it('daemons inherit no setting of the server: another server among them would take its address', () => {
  const own = { HOME: '/home/me', AI_CONDUCTOR_ADDR: '127.0.0.1:8080', TERM: 'dumb' }
  expect(ownEnvironment(own)).toEqual({ HOME: '/home/me', TERM: 'dumb' })
})
