import { describe, expect, it } from 'vitest'
import { type Config, readConfig, unknownSettings } from './config.ts'

function read(env: Record<string, string> = {}, file = '{}'): Config {
  return readConfig({
    env: { PATH: '/bin:/usr/bin', SHELL: '/bin/sh', ...env },
    cwd: '/srv/app',
    readFile: () => file,
  })
}

describe('the settings', () => {
  it('are safe without any: loopback, a day, detached sessions', () => {
    expect(read()).toEqual({
      password: undefined,
      passwordHash: undefined,
      host: '127.0.0.1',
      port: 8080,
      dataDir: '/srv/app/data/sessions',
      stateDir: '/srv/app/data',
      shell: '/bin/sh',
      pidFile: undefined,
      sessionTimeoutMs: 86_400_000,
      owner: undefined,
      onShutdown: 'detach',
      sessionsPerHost: 1,
      historyBytes: 64 * 1024 * 1024,
      uploadBytes: 25 * 1024 * 1024,
      allowedOrigins: [],
      silenceMs: 25_000,
      basePath: '',
      linkGraceMs: 5_000,
      agents: [],
    })
  })

  it.each([
    ['127.0.0.1:0', '127.0.0.1', 0],
    [':9000', '0.0.0.0', 9000],
    ['[::1]:8080', '::1', 8080],
    ['localhost:80', 'localhost', 80],
  ])('understand the address %s', (addr, host, port) => {
    expect(read({ AI_CONDUCTOR_ADDR: addr, AI_CONDUCTOR_PASSWORD: 'long enough 1' })).toMatchObject(
      {
        host,
        port,
      },
    )
  })

  it.each([
    ['90m', 5_400_000],
    ['3600s', 3_600_000],
    ['1h30m', 5_400_000],
  ])('understand the duration %s', (text, ms) => {
    expect(read({ AI_CONDUCTOR_SESSION_TIMEOUT: text }).sessionTimeoutMs).toBe(ms)
  })

  it('take an empty variable for none', () => {
    expect(read({ AI_CONDUCTOR_PASSWORD: '', AI_CONDUCTOR_ADDR: '' }).port).toBe(8080)
  })

  it('come from a file where the environment does not say', () => {
    const file = '{"addr": "127.0.0.1:1", "sessionsPerHost": 4, "dataDir": "x"}'
    const config = read({ AI_CONDUCTOR_CONFIG: 'c.json', AI_CONDUCTOR_ADDR: '127.0.0.1:2' }, file)
    expect(config).toMatchObject({ port: 2, sessionsPerHost: 4, dataDir: '/srv/app/x' })
  })

  it.each([
    ['AI_CONDUCTOR_ADDR', '8080', /^AI_CONDUCTOR_ADDR: "8080" .*write HOST:PORT/],
    ['AI_CONDUCTOR_ADDR', '127.0.0.1:99999', /^AI_CONDUCTOR_ADDR: /],
    ['AI_CONDUCTOR_SESSION_TIMEOUT', 'soon', /write a duration, as in 24h/],
    ['AI_CONDUCTOR_SESSION_TIMEOUT', '0s', /write a duration/],
    ['AI_CONDUCTOR_HISTORY_BYTES', '12', /at least 64k/],
    ['AI_CONDUCTOR_UPLOAD_BYTES', '12', /at least 64k/],
    ['AI_CONDUCTOR_PASSWORD_HASH', 'pass', /write what conductor hash-password prints/],
    ['AI_CONDUCTOR_OWNER', 'me', /write app or persistent/],
    ['AI_CONDUCTOR_ON_SHUTDOWN', 'kill', /write detach or close/],
    ['AI_CONDUCTOR_SESSIONS_PER_HOST', '0', /write 1 or more/],
    ['AI_CONDUCTOR_SESSIONS_PER_HOST', 'many', /AI_CONDUCTOR_SESSIONS_PER_HOST/],
    ['AI_CONDUCTOR_ALLOWED_ORIGINS', '*', /write origins/],
    ['AI_CONDUCTOR_ALLOWED_ORIGINS', 'https://a.example/path', /write origins/],
    ['AI_CONDUCTOR_SHELL', '/no/such/shell', /there is no program "\/no\/such\/shell"/],
  ])('refuse %s=%s in one line that says what to write', (name, value, line) => {
    expect(() => read({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', text: expect.stringMatching(line) }),
    )
    try {
      read({ [name]: value })
    } catch (error) {
      expect(String(error)).not.toContain('\n')
    }
  })

  it('take the hash of a password instead of it, and never both', () => {
    const hash = `scrypt:14:8:5:${'a'.repeat(22)}:${'b'.repeat(43)}`
    const env = { AI_CONDUCTOR_PASSWORD_HASH: hash }
    expect(read({ ...env, AI_CONDUCTOR_ADDR: ':1' })).toMatchObject({
      password: undefined,
      passwordHash: hash,
    })
    expect(() => read({ ...env, AI_CONDUCTOR_PASSWORD: 'x' })).toThrow(
      /AI_CONDUCTOR_PASSWORD_HASH: AI_CONDUCTOR_PASSWORD is set, too, .*; remove one$/,
    )
  })

  it('never say what a password, or what should be its hash, was', () => {
    const env = { AI_CONDUCTOR_PASSWORD_HASH: 'hunter2hunter2' }
    expect(() => read(env)).not.toThrow(/hunter2/)
    const file = { AI_CONDUCTOR_CONFIG: 'c.json' }
    expect(() => read(file, '{"password": 123454321}')).not.toThrow(/12345/)
  })

  it('are told from variables that only look like one', () => {
    const env = { AI_CONDUCTOR_PASSWROD: 'x', AI_CONDUCTOR_ADDR: ':1', AI_CONDUCTOR_CONFIG: 'c' }
    expect(unknownSettings({ ...env, HOME: '/' })).toEqual(['AI_CONDUCTOR_PASSWROD'])
  })

  it('refuse a file with an unknown key, and one that is not JSON', () => {
    expect(() => read({ AI_CONDUCTOR_CONFIG: 'c.json' }, '{"adr": "x"}')).toThrow(
      /unknown key "adr"/,
    )
    expect(() => read({ AI_CONDUCTOR_CONFIG: 'c.json' }, 'addr: x')).toThrow(/AI_CONDUCTOR_CONFIG/)
  })

  it.each(['admin', 'short', 'password1', 'aaaaaaaaaaaa'])(
    'refuse the password "%s" where other machines reach the server, and say why',
    (password) => {
      const env = { AI_CONDUCTOR_PASSWORD: password }
      expect(() => read({ ...env, AI_CONDUCTOR_ADDR: '0.0.0.0:8080' })).toThrow(
        /AI_CONDUCTOR_PASSWORD: it .* can be reached from other machines/,
      )
      expect(read(env).password).toBe(password)
    },
  )
})

describe('agents of the config file', () => {
  const agent = { id: 'mine', name: 'Mine', commands: ['mine'], session: { kind: 'none' } }
  const withAgents = (agents: unknown) =>
    readConfig({
      env: { AI_CONDUCTOR_CONFIG: 'c.json', SHELL: '/bin/sh' },
      cwd: '/srv',
      readFile: () => JSON.stringify({ agents }),
    })

  it('are taken as they stand, and extend those that are known', () => {
    const agents = [agent, { id: 'opus', extends: 'claude-code', allowVisiblePrompt: true }]
    expect(withAgents(agents).agents).toEqual(agents)
  })

  it.each([
    ['x', 'agents in c.json: "x" is not usable'],
    [[5], 'agents.0 in c.json: 5 is not usable'],
    [[{ ...agent, id: 5 }], 'agents.0.id in c.json: 5 is not usable'],
    [[{ ...agent, allowVisiblePrompt: 'yes' }], 'agents.0.allowVisiblePrompt in c.json: "yes"'],
    [[{ ...agent, comands: [] }], 'agents in c.json: mine.comands is no field'],
    [[{ id: 'a', extends: 'nobody' }], 'agents in c.json: a.extends names no agent'],
    [[{ id: 'a' }], 'a.name is missing'],
  ])('that cannot be meant are refused in one line: %j', (agents, text) => {
    const error = expect.objectContaining({
      code: 'BAD_CONFIG',
      text: expect.stringContaining(text),
    })
    expect(() => withAgents(agents)).toThrow(error)
    expect(() => withAgents(agents)).not.toThrow(/\n/)
  })
})
