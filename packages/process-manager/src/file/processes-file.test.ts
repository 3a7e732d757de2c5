// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file's own syntax
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isProcessManagerError } from '../process-manager-error.ts'
import { checkSpec } from '../spec/check-spec.ts'
import { processesFileSchema } from './file-shape.ts'
import { parseProcessesFile, readProcessesFile } from './processes-file.ts'
import type { Environment } from './variables.ts'

const path = '/srv/shop/conductor.yaml'

function parse(text: string, env: Environment = {}) {
  return parseProcessesFile(text, path, { env })
}

/** Its lines, without the folder. */
async function faultsOf(text: string, env?: Environment): Promise<string[]> {
  try {
    await parse(text, env)
    return []
  } catch (error) {
    if (!isProcessManagerError(error, 'BAD_FILE')) throw error
    return error.message
      .replace('[process-manager/BAD_FILE] ', '')
      .split('\n')
      .map((line) => line.replace('/srv/shop/', ''))
  }
}

const shop = `
version: 1
defaults:
  startupTimeoutMs: 10s
  env: { LOG: info, PORT: "1" }
groups:
  front: { strategy: rest-for-one }
processes:
  db:
    command: ./bin/db
    cwd: data
    socketPath: run/db.sock
    liveness: { probe: { kind: unix, path: run/db.sock }, periodMs: 1m30s }
    logs: { maxBytes: 1.5M }
  web:
    command: node
    args: [server.js, "--port=\${PORT:-8080}", "$\${HOME} $1"]
    env: { PORT: "\${PORT}" }
    dependsOn: { db: ready }
    groups: [front, late]
    readiness: { probe: { kind: exec, command: scripts/ready } }
    restart: { budget: { window: { starts: 5, perMs: 10m } } }
`

describe('a processes file', () => {
  it('is a list of specs, with its defaults, times, sizes, variables and absolute paths', async () => {
    const { processes, groups } = await parse(shop, { PORT: '80' })
    expect(processes).toEqual([
      {
        name: 'db',
        command: '/srv/shop/bin/db',
        cwd: '/srv/shop/data',
        env: { LOG: 'info', PORT: '1' },
        socketPath: '/srv/shop/run/db.sock',
        startupTimeoutMs: 10_000,
        liveness: { probe: { kind: 'unix', path: '/srv/shop/run/db.sock' }, periodMs: 90_000 },
        logs: { maxBytes: 1_572_864 },
      },
      {
        name: 'web',
        command: 'node',
        args: ['server.js', '--port=80', '${HOME} $1'],
        cwd: '/srv/shop',
        env: { LOG: 'info', PORT: '80' },
        startupTimeoutMs: 10_000,
        dependsOn: { db: 'ready' },
        groups: ['front', 'late'],
        readiness: {
          probe: { kind: 'exec', command: '/srv/shop/scripts/ready', cwd: '/srv/shop' },
        },
        restart: { budget: { window: { starts: 5, perMs: 600_000 } } },
      },
    ])
    expect(groups).toEqual({ front: { strategy: 'rest-for-one' }, late: {} })
    for (const spec of processes) expect(checkSpec(spec, { root: '/run/c' }).name).toBe(spec.name)
  })

  it('is JSON as well, tabs and byte order mark and all', async () => {
    const json =
      '\uFEFF{\n\t"processes": {\n\t\t"a": { "command": "x", "args": ["\\u00e9\\/"] }\n\t}\n}'
    expect((await parse(json)).processes).toMatchObject([{ name: 'a', args: ['é/'] }])
    expect(await faultsOf('{\n\t"processes": {\n\t\t"a": { "comand": 1 }\n\t}\n}')).toEqual([
      'conductor.yaml:3:8: processes.a.command is missing: write a text',
      'conductor.yaml:3:10: processes.a.comand is no field here: did you mean "command"?',
    ])
  })

  it('tells all its faults at once, each with its place, its field and the fix', async () => {
    const text = `
processes:
  web:
    command: node
    args: [a, 5]
    dependsOn: { dbb: ready }
  db:
    program: x
    startupTimeoutMs: 5 seconds
    liveness: { probe: { kind: function } }
  worker:
    command: node
    env: { TOKEN: "\${TOKEN}" }
    restart: { mode: sometimes }
  cache: { command: redis, minReady: 1, dependsOn: { bd: started } }
groups: { front: { strategy: one-for-al } }
`
    expect(await faultsOf(text)).toEqual([
      'conductor.yaml:5:15: processes.web.args[1] is 5: write a text',
      'conductor.yaml:8:5: processes.db.program is no field here: use one of command, args, cwd, env, socketPath, ready, startupTimeoutMs, liveness, readiness, stop, restart, dependsOn, …',
      'conductor.yaml:8:5: processes.db.command is missing: write a text',
      'conductor.yaml:9:23: processes.db.startupTimeoutMs is "5 seconds": write a number, or a text as 5s, 250ms or 1m30s',
      'conductor.yaml:10:32: processes.db.liveness.probe.kind is "function": use one of http, tcp, unix, exec, heartbeat, loop-lag',
      'conductor.yaml:13:19: processes.worker.env.TOKEN needs the variable TOKEN, which is not set: set it, or write ${TOKEN:-text}',
      'conductor.yaml:14:14: processes.worker.restart is refused: mode is sometimes: pass always, on-failure, on-success, on-abnormal, on-abort, on-watchdog, never',
      'conductor.yaml:15:38: processes.cache.minReady is 1 of 1 replica, so none could ever be replaced: write at most 0',
      'conductor.yaml:15:54: processes.cache.dependsOn.bd is no process here: did you mean "db"?',
      'conductor.yaml:16:30: groups.front.strategy is "one-for-al": did you mean "one-for-all"?',
    ])
  })

  it.each([
    ['a syntax error', 'processes: {a: [}', /^conductor.yaml:1:\d+: .*flow/i],
    ['a key twice', 'processes:\n  a: {command: x}\n  a: {command: y}', /:3:3: .*unique/],
    ['nothing', '', /^conductor.yaml:1:1: it is null: write an object$/],
    ['no processes', '{}', /^conductor.yaml:1:1: processes is missing: write an object$/],
    ['a version to come', 'version: 2\nprocesses: {}', /:1:10: version is 2: write a whole number/],
    ['a name that is a path', 'processes: {../a: {command: x}}', /:1:13: processes.*write 1 to 64/],
    [
      'a process of nothing',
      'processes:\n  web:\n',
      /:2:\d: processes.web is null: write an object/,
    ],
    [
      'a cycle',
      'processes: {a: {command: x, dependsOn: {b: ready}}, b: {command: x, dependsOn: {a: ready}}}',
      /processes has a cycle: a -> b -> a/,
    ],
    ['a fault in defaults', 'defaults: {replicas: 0}\nprocesses: {a: {command: x}}', /:1:22: def/],
    [
      'a group that is a process',
      'processes: {a: {command: x, groups: [a]}}',
      /:1:38: processes.a.groups\[0\] is "a", which is a process/,
    ],
    [
      'a group without a member',
      'groups: {frnt: {}}\nprocesses: {a: {command: x, groups: [front]}}',
      /:1:10: groups.frnt has no member/,
    ],
    ['an unclosed variable', 'processes: {a: {command: x, args: ["${A"]}}', /has "\$\{A": write/],
    ['a bomb of aliases', bomb(), /^conductor.yaml:1:1: .*alias/i],
    ['brackets without end', '['.repeat(10_000), /^conductor.yaml:1:/],
  ])('refuses %s', async (_, text, fault) => {
    const faults = await faultsOf(text)
    expect(faults[0]).toMatch(fault)
    expect(faults.every((line) => /^conductor\.yaml:\d+:\d+: /.test(line))).toBe(true)
  })

  it('puts variables into env and args, and nowhere else', async () => {
    const text = 'processes: {a: {command: "${X}", args: ["${X:-none}${Y:-}"], cwd: "${X}"}}'
    expect((await parse(text, { X: '' })).processes).toMatchObject([
      { command: '${X}', args: ['none'], cwd: '/srv/shop/${X}' },
    ])
    expect(await faultsOf('processes: {a: {command: x, args: ["${toString}"]}}')).toHaveLength(1)
  })

  it('is refused with nothing but a BAD_FILE, whatever is in it', async () => {
    const yaml = fc.string({
      unit: fc.constantFrom(
        ...'{}[]:,-&*!|>\'"#%@` \n\t\\',
        'a',
        '1',
        'processes',
        'command',
        '${',
      ),
      maxLength: 60,
    })
    const json = fc
      .dictionary(fc.constantFrom('processes', 'groups', 'defaults', 'a'), fc.jsonValue())
      .map((value) => JSON.stringify(value))
    const near = fc
      .jsonValue()
      .map((value) =>
        JSON.stringify({ processes: { a: { command: 'x', restart: value, ready: value } } }),
      )
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), yaml, json, near), async (text) => {
        // `faultsOf` throws every other error on.
        for (const line of await faultsOf(text)) expect(line).toMatch(/^conductor\.yaml:\d+:\d+: ./)
      }),
      { numRuns: 300 },
    )
  })

  it('is read from a disk, and says so when it cannot be', async () => {
    const file = join(temporaryFolder(onTestFinished), 'conductor.json')
    const error = await readProcessesFile(file, { env: {} }).catch((thrown: unknown) => thrown)
    expect(isProcessManagerError(error, 'UNREADABLE')).toBe(true)
    expect(error).toMatchObject({ cause: { code: 'ENOENT' } })
    writeFileSync(file, '{"processes": {"a": {"command": "x"}}}')
    expect((await readProcessesFile(file, { env: {} })).path).toBe(file)
  })
})

it('has a JSON Schema that knows all that a process can have', () => {
  const schema = JSON.stringify(processesFileSchema())
  expect(JSON.parse(schema)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['processes'],
    additionalProperties: false,
    properties: {
      processes: {
        additionalProperties: {
          required: ['command'],
          properties: { ready: { anyOf: expect.arrayContaining([]) }, replicas: { maximum: 1000 } },
        },
      },
    },
  })
  expect(schema).toContain('"heartbeat"')
  expect(schema).not.toContain('"function"')
})

/** Nine times nine times nine … */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 9; level++)
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  return lines.join('\n')
}
