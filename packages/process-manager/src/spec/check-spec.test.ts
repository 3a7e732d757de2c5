import { createServer } from 'node:net'
import { join } from 'node:path'
import { presets } from '@conductor/restart-policy'
import { temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isProcessManagerError } from '../process-manager-error.ts'
import { checkSpec, maxSocketPathBytes } from './check-spec.ts'
import type { ProcessSpec } from './process-spec.ts'
import { fieldName } from './shape.ts'

const root = '/run/c'
const web: ProcessSpec = { name: 'web', command: 'node' }

/** The message of what is thrown for a spec that the type would not allow. */
function refusal(spec: unknown, options: Parameters<typeof checkSpec>[1] = { root }): string {
  try {
    // What JavaScript and JSON may send.
    checkSpec(spec as ProcessSpec, options)
  } catch (error) {
    if (!isProcessManagerError(error, 'BAD_SPEC')) throw error
    return error.message.replace('[process-manager/BAD_SPEC] ', '')
  }
  return 'accepted'
}

describe('a spec that is checked', () => {
  it('has every default in its place', () => {
    expect(checkSpec(web, { root })).toEqual({
      name: 'web',
      command: 'node',
      args: [],
      env: {},
      startupTimeoutMs: 30_000,
      stop: { signal: 'SIGTERM', graceMs: 5_000 },
      restart: presets.ally,
      dependsOn: {},
      groups: [],
      replicas: 1,
      minReady: 0,
      logs: { maxBytes: 10_485_760, files: 3 },
      limits: {},
      outlive: false,
      instances: [
        {
          name: 'web',
          folder: '/run/c/web',
          cwd: '/run/c/web',
          socketPath: '/run/c/web/daemon.sock',
        },
      ],
    })
  })

  it('has the timing of its checks, and a readiness that is asked ten times a second', () => {
    const check = { probe: { kind: 'tcp', port: 80 }, failureThreshold: 9 } as const
    const spec = { ...web, ready: { kind: 'check', check }, liveness: check } as const
    const { ready, liveness } = checkSpec(spec, { root })
    const timing = { initialDelayMs: 0, timeoutMs: 5_000, successThreshold: 1, failureThreshold: 9 }
    expect(liveness).toEqual({ probe: check.probe, ...timing, periodMs: 30_000 })
    expect(ready).toEqual({
      kind: 'check',
      check: { probe: check.probe, ...timing, periodMs: 100 },
    })
  })

  it('has an instance, with a folder and a socket of its own, for each replica', () => {
    const { instances, minReady } = checkSpec({ ...web, replicas: 3, cwd: '/srv' }, { root })
    expect(instances.map(({ name }) => name)).toEqual(['web@1', 'web@2', 'web@3'])
    expect(instances[1]).toEqual({
      name: 'web@2',
      folder: '/run/c/web@2',
      cwd: '/srv',
      socketPath: '/run/c/web@2/daemon.sock',
    })
    expect(minReady).toBe(2)
  })

  it('takes what JavaScript writes for "not given"', () => {
    const given = { ...web, cwd: undefined, stop: { graceMs: undefined }, env: { A: undefined } }
    expect(checkSpec(given as unknown as ProcessSpec, { root })).toEqual(checkSpec(web, { root }))
  })

  it('keeps a function as it is', () => {
    const run = (): void => undefined
    const liveness = { probe: { kind: 'function', run } } as const
    expect(checkSpec({ ...web, liveness }, { root }).liveness?.probe).toEqual(liveness.probe)
  })

  it.each<[string, object, string]>([
    ['a missing command', { command: undefined }, 'processes.web.command is missing: write a text'],
    [
      'a misspelt field',
      { comand: 'x' },
      'processes.web.comand is no field here: did you mean "command"?',
    ],
    [
      'a field as others write it',
      { depends_on: {} },
      'processes.web.depends_on is no field here: did you mean "dependsOn"?',
    ],
    [
      'a kind of readiness that there is not',
      { ready: { kind: 'sockt' } },
      'processes.web.ready.kind is "sockt": did you mean "socket"?',
    ],
    [
      'a pattern that is none',
      { ready: { kind: 'log', pattern: '(' } },
      'processes.web.ready.pattern is "(": write a regular expression (',
    ],
    ['an argument that is a number', { args: ['-p', 80] }, 'processes.web.args[1] is 80: write a'],
    ['a time that is a text', { startupTimeoutMs: '5s' }, 'processes.web.startupTimeoutMs is "5s"'],
    ['a check without a pause', { liveness: { probe: {}, periodMs: 0 } }, 'liveness.periodMs is 0'],
    ['a probe of no kind', { liveness: { probe: {} } }, 'liveness.probe.kind is missing: use one'],
    [
      'a URL of another protocol',
      { liveness: { probe: { kind: 'http', url: 'ftp://x' } } },
      'processes.web.liveness.probe.url is "ftp://x": write a URL that begins with http:// or',
    ],
    [
      'an empty range',
      { liveness: { probe: { kind: 'http', url: 'http://x', status: { min: 300, max: 200 } } } },
      'processes.web.liveness.probe.status has min 300 above max 200',
    ],
    ['a signal that there is not', { stop: { signal: 'SIGTREM' } }, 'did you mean "SIGTERM"?'],
    ['a variable with "="', { env: { 'A=B': '' } }, 'processes.web.env.A=B is "A=B": write a name'],
    ['a NUL', { command: 'a\0b' }, 'processes.web.command has a NUL byte in it'],
    ['half a copy', { replicas: 1.5 }, 'replicas is 1.5: write a whole number of copies from 1'],
    ['a relative folder', { cwd: 'x' }, 'processes.web.cwd is "x": write an absolute path'],
    ['a preset that there is not', { restart: 'aly' }, 'restart is "aly": did you mean "ally"?'],
    [
      'restart options that are not meant',
      { restart: { budget: { inARow: -1 } } },
      'processes.web.restart is refused: budget.inARow is -1: pass a whole number from 0',
    ],
    ['a misspelt restart option', { restart: { mod: 'always' } }, 'did you mean "mode"?'],
    ['a promise that blocks every replacement', { replicas: 2, minReady: 2 }, 'at most 1'],
    ['one socket for two', { replicas: 2, socketPath: '/s' }, 'socketPath is one for 2 replicas'],
    ['a name that is a path', { name: '../x' }, 'processes.../x.name is "../x": write 1 to 64 of'],
    ['a name like a replica', { name: 'web@1' }, 'name is "web@1"'],
  ])('refuses %s', (_, change, message) => {
    expect(refusal({ ...web, ...change })).toContain(message)
  })

  it('tells all faults at once', () => {
    const spec = { ...web, args: 1, replicas: 0, ready: { kind: 'delay', delayMs: -1 } }
    expect(refusal(spec).split('\n')).toEqual([
      'processes.web.args is 1: write a list',
      'processes.web.replicas is 0: write a whole number of copies from 1 to 1000',
      'processes.web.ready.delayMs is -1: write a whole number of milliseconds from 0 to 1000000000',
    ])
  })

  it('is refused with nothing but a BAD_SPEC, whatever it is', () => {
    const near = fc.record({ name: fc.constant('web'), command: fc.constant('x') })
    const field = fc.constantFrom(
      'ready',
      'restart',
      'liveness',
      'stop',
      'dependsOn',
      'env',
      'logs',
    )
    const odd = fc.tuple(near, field, fc.anything()).map(([spec, name, value]) => ({
      ...spec,
      [name]: value,
    }))
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), odd), (spec) => {
        // `refusal` throws every other error on.
        expect(refusal(spec)).toMatch(/^(processes\.|accepted)/)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the path of a socket', () => {
  it.each([
    ['linux', 107],
    ['darwin', 103],
    ['freebsd', 103],
  ] as const)('on %s has at most %i bytes', (platform, limit) => {
    const fits = `/${'é'.repeat((limit - 1) / 2)}`
    expect(Buffer.byteLength(fits)).toBe(limit)
    expect(refusal({ ...web, socketPath: fits }, { root, platform })).toBe('accepted')
    expect(refusal({ ...web, socketPath: `${fits}x` }, { root, platform })).toContain(
      `processes.web.socketPath is ${limit + 1} bytes long, and this system takes at most ${limit}`,
    )
  })

  it('is refused when the root makes it too long, for any of the replicas', () => {
    // Of ten replicas only the tenth is one byte too long.
    const long = `/${'r'.repeat(maxSocketPathBytes('linux') - '/web@9/daemon.sock'.length - 1)}`
    const options = { root: long, platform: 'linux' } as const
    expect(refusal({ ...web, replicas: 9 }, options)).toBe('accepted')
    expect(refusal({ ...web, replicas: 10 }, options)).toContain('pass a shorter root')
  })

  it.skipIf(process.platform === 'win32')('of this length can really be listened at', async () => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, 's'.repeat(maxSocketPathBytes() - folder.length - 1))
    const server = createServer().listen(path)
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve).once('error', reject)
    })
    expect(server.address()).toBe(path)
  })
})

it('names a field as a programmer writes it', () => {
  expect(fieldName(['processes', 'web', 'args', 0])).toBe('processes.web.args[0]')
})
