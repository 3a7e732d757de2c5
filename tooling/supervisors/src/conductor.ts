import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@conductor/testing'
import { type Machine, NODE, REPO } from './machine.ts'

const PASSWORD = 'correct horse battery'

/** Lets a server hang in its event loop, as a fault of ours would: it takes no signal but those that kill. */
const HANG = `process.on('SIGUSR2', () => { for (;;); })`

/** Counts, so that what is lost or repeated shows. */
export const COUNTER = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.05; done'

/** What `conductor generate` writes to `file` in the machine. */
export function generate(
  machine: Machine,
  file: string,
  ...args: readonly string[]
): Promise<string> {
  const cli = `${REPO}/apps/cli/dist/main.js`
  return machine.out(NODE, cli, 'generate', ...args, '--output', file)
}

/** The settings that the generated units read. The system chooses the port. */
export async function writeSettings(
  machine: Machine,
  file: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const settings = { AI_CONDUCTOR_PASSWORD: PASSWORD, AI_CONDUCTOR_ADDR: '127.0.0.1:0', ...more }
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"\n`)
  await machine.sh(`
    mkdir -p "$(dirname ${file})" /opt/hang
    cat > /opt/hang/hang.cjs <<'END'
${HANG}
END
    cat > ${file} <<'END'
${lines.join('')}NODE_OPTIONS="--require /opt/hang/hang.cjs"
END`)
}

/** Properties of a unit, as `systemctl show` has them. */
export async function show<const N extends string>(
  machine: Machine,
  unit: string,
  ...names: readonly N[]
): Promise<Record<N, string>> {
  const text = await machine.out('systemctl', 'show', `--property=${names.join()}`, unit)
  const pairs = text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2))
  return Object.fromEntries(pairs) as Record<N, string>
}

/** What the API says of a session. */
export interface Session {
  readonly id: string
  readonly pid: number
  readonly status: string
}

/** The server of a state folder, logged in. */
export interface Server {
  readonly pid: number
  readonly url: string
  json<T>(path: string, init?: RequestInit): Promise<T>
  text(path: string): Promise<string>
  /** A session in which `sh` runs this. */
  session(script: string): Promise<Session>
  sessions(): Promise<readonly Session[]>
}

/** The address of whoever holds the state folder now; `undefined` while nobody listens. */
export function runFile(
  machine: Machine,
  stateDir: string,
): { readonly pid: number; readonly url: string } | undefined {
  try {
    const file = JSON.parse(readFileSync(machine.path(join(stateDir, 'running.json')), 'utf8'))
    return file.url === '' ? undefined : file
  } catch {
    return undefined
  }
}

/** Logs in to the server that says it has this pid, if one is named. */
export async function logIn(machine: Machine, stateDir: string, pid?: number): Promise<Server> {
  const file = await until(
    () => {
      const found = runFile(machine, stateDir)
      return pid === undefined || found?.pid === pid ? found : undefined
    },
    { timeoutMs: 15_000, what: 'the server to listen' },
  )
  const body = JSON.stringify({ password: PASSWORD })
  const login = await fetch(`${file.url}/api/login`, { method: 'POST', body })
  const { token } = (await login.json()) as { token: string }
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { 'X-Session-Token': token, ...init.headers }
    const response = await fetch(file.url + path, { ...init, headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const json: Server['json'] = async <T>(path: string, init?: RequestInit) =>
    (await (await ask(path, init)).json()) as T
  return {
    ...{ pid: file.pid, url: file.url, json },
    text: async (path) => (await ask(path)).text(),
    session: (script) => {
      const body = JSON.stringify({ command: '/bin/sh', args: ['-c', script] })
      return json('/api/sessions', { method: 'POST', body })
    },
    sessions: () => json('/api/sessions'),
  }
}

/** Waits until a session has written something that fits. */
export function untilWritten(server: Server, id: string, what: RegExp): Promise<string> {
  return until(
    async () => {
      const text = await server.text(`/api/sessions/${id}/output`)
      return what.test(text) ? text : undefined
    },
    { timeoutMs: 15_000, what: `the session to write ${what}` },
  )
}

/** The numbers that `COUNTER` has written so far; the last line may be half there. */
export function counted(output: string): number[] {
  return [...output.matchAll(/^line (\d+)\r?\n/gm)].map(([, digits]) => Number(digits))
}

/** Whether a process of the machine lives. */
export async function lives(machine: Machine, pid: number): Promise<boolean> {
  return (await machine.run('kill', '-0', String(pid))).code === 0
}
