import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isSdNotifyError } from './sd-notify-error.ts'
import { shimCommand } from './shim-command.ts'

const PATH = process.env['PATH']

function run(command: readonly string[], env: Record<string, string> = {}) {
  const [program = '', ...args] = command
  return spawnSync(program, args, { env: { PATH, ...env }, encoding: 'utf8' })
}

describe('shimCommand', () => {
  it('hands on the arguments as they are, to a program found in PATH', () => {
    const args = ['%s\\n', '-e', '$HOME', 'a b', "it's", '', '--', '%n']
    const { stdout, stderr, status } = run(shimCommand(['printf', ...args]))
    expect(stdout).toBe(execFileSync('printf', args, { encoding: 'utf8' }))
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it.each([
    ['nothing', '/nowhere/notify'],
    ['nothing abstract', '@sd-notify-test-nobody'],
    ['no unix socket', 'vsock:2:4711'],
    ['no address that could be', `/${'x'.repeat(300)}`],
  ])('runs the command without a socket where there is %s, and says so', (_, NOTIFY_SOCKET) => {
    const { stdout, stderr } = run(shimCommand(['env']), { NOTIFY_SOCKET })
    expect(stdout).toContain(`NOTIFY_SOCKET=${NOTIFY_SOCKET}\n`)
    expect(stdout).not.toContain('CONDUCTOR_NOTIFY_FD')
    expect(stderr).toMatch(/^(sd-notify: .+: no notification socket\n|)/)
  })

  it('is silent where nobody asked for messages', () => {
    const { stdout, stderr } = run(shimCommand(['echo', 'up']))
    expect({ stdout, stderr }).toEqual({ stdout: 'up\n', stderr: '' })
  })

  it('ends like a shell when there is no such program', () => {
    const { stderr, status } = run(shimCommand(['/nowhere/node']))
    expect(stderr).toBe('sd-notify: /nowhere/node: No such file or directory\n')
    expect(status).toBe(127)
  })

  it('can stand in a unit file in single quotes: systemd would expand none of it', () => {
    for (const word of shimCommand(['node'])) expect(word).not.toMatch(/^\$|\$\$|\$\{|["'\\%]|^;$/)
  })

  it('needs a program', () => {
    const attempt = (): unknown => shimCommand([])
    expect(attempt).toThrow('needs a program')
    try {
      attempt()
    } catch (error) {
      expect(isSdNotifyError(error, 'BAD_OPTION')).toBe(true)
    }
  })
})
