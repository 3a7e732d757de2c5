import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '@conductor/chaos/world'
import { freePort } from '@conductor/testing'

/** Writes what its arguments say, answers HTTP on its port, and goes when it is told to. */
const PROGRAM = `
import { createServer } from 'node:http'
const [port, ...lines] = process.argv.slice(2)
for (const line of lines) console.log(line)
let n = 0
createServer((_, response) => {
  console.log(JSON.stringify({ level: ++n % 2 ? 30 : 50, time: 0, msg: 'asked', n }))
  response.end('ok')
}).listen(Number(port))
`

const ESC = String.fromCharCode(27)

/** What hostile programs write: nothing of it may do anything but be read. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '"><svg onload=window.pwned=1>',
  'javascript:window.pwned=1',
  `${ESC}]8;;javascript:window.pwned=1${ESC}\\link${ESC}]8;;${ESC}\\`,
  `${ESC}[31m<b>red</b>${ESC}[0m`,
  '{"level":50,"msg":"<iframe src=javascript:window.pwned=1>","x":"<img src=x onerror=window.pwned=1>"}',
  '&lt;img src=x onerror=window.pwned=1&gt;',
]

export interface Managed {
  /** Of `web`: whoever asks makes it write a line. */
  readonly port: number
  /** Makes these known; unless `start` names them, none is started. */
  put(processes: readonly object[], start?: readonly string[]): Promise<void>
  /** Asks `web` so often, which writes a line for each. */
  ask(times: number): Promise<void>
}

/** A program that lives, one that crashes and one that waits, in this world's server. */
export async function manage(world: World): Promise<Managed> {
  const { dir } = world.server
  const port = await freePort()
  writeFileSync(join(dir, 'web.mjs'), PROGRAM)

  async function put(processes: readonly object[], start: readonly string[] = []): Promise<void> {
    const answer = await world.api.request('PUT', '/api/processes?wait=false', { processes, start })
    if (!answer.ok) throw new Error(await answer.text())
  }

  await put(
    [
      {
        name: 'web',
        command: process.execPath,
        args: ['web.mjs', String(port), ...HOSTILE],
        cwd: dir,
        groups: ['shop'],
        ready: { kind: 'check', check: { probe: { kind: 'tcp', port }, periodMs: 100 } },
        env: { A_SECRET: 'not to be seen' },
      },
      {
        name: 'crasher',
        command: 'sh',
        args: ['-c', 'echo "ERROR no such table: items"; exit 3'],
        groups: ['shop'],
        restart: {
          mode: 'on-failure',
          delay: { kind: 'fixed', delayMs: 50 },
          budget: { inARow: 2 },
        },
      },
      { name: 'rester', command: 'sleep', args: ['1000'] },
    ],
    ['web', 'crasher'],
  )
  return {
    port,
    put,
    async ask(times) {
      for (let n = 0; n < times; n++) await (await fetch(`http://127.0.0.1:${port}`)).text()
    },
  }
}
