import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Where a terminal server has a session, and what it speaks. */
export interface Address {
  readonly port: number
  readonly path: string
  readonly dialect: 'conductor' | 'ttyd' | 'gotty' | 'wetty'
  /** Whole header lines. */
  readonly headers: readonly string[]
}

/** What `ws-client flood` saw. */
export interface FloodResult {
  /** When each viewer had its last byte, in seconds after the start. */
  readonly seconds: readonly number[]
  /** Of all viewers together. */
  readonly bytes: number
  readonly frames: number
  /** Outputs whose offset was not the next one. */
  readonly holes: number
  /** What the log had dropped before a viewer came to it. */
  readonly gapBytes: number
  readonly cpuSeconds: number
}

/** What `ws-client follow` and `ws-client stall` say while they run. */
export interface ClientEvent {
  readonly event: string
  /** CLOCK_MONOTONIC, as `process.hrtime` has it. */
  readonly ns: number
  readonly holes: number
  readonly gapBytes: number
  readonly bytesAfter: number
  readonly offset: number
}

/** A client process that reports while it runs. */
export interface RunningClient {
  /** Resolves with the next event of this name that has not been taken yet. Rejects at the end. */
  next(event: string): Promise<ClientEvent>
  stop(): Promise<void>
}

function argumentsOf(mode: string, address: Address, more: readonly string[]): string[] {
  const headers = address.headers.flatMap((line) => ['--header', line])
  const { port, path, dialect } = address
  return [mode, '--port', String(port), '--path', path, '--dialect', dialect, ...headers, ...more]
}

/** Runs a measuring program to its end and reads the JSON it prints. */
export async function runForJson<T>(
  file: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<T> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  let out = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (code === 0) return JSON.parse(out) as T
  throw new Error(`${file} ${args[0]} ended with ${code ?? signal}: ${complaint.trim()}`)
}

/** Reads a flood to `totalBytes`; starts it by typing one byte. */
export function readFlood(
  program: string,
  address: Address,
  totalBytes: number,
  viewers = 1,
): Promise<FloodResult> {
  const more = ['--go', '--total', String(totalBytes), '--viewers', String(viewers)]
  return runForJson(program, argumentsOf('flood', address, more), 120_000)
}

/** Types `keys` letters into a session that echoes them; the round trips in milliseconds. */
export async function typeKeys(
  program: string,
  address: Address,
  keys: number,
): Promise<readonly number[]> {
  const args = argumentsOf('echo', address, ['--keys', String(keys)])
  return (await runForJson<{ readonly ms: readonly number[] }>(program, args, 120_000)).ms
}

/** Starts a client that goes on until it is stopped: `follow`, `stall`, or an endless `flood`. */
export function startClient(
  program: string,
  mode: 'follow' | 'stall' | 'flood',
  address: Address,
  more: readonly string[] = [],
): RunningClient {
  const child: ChildProcess = spawn(program, argumentsOf(mode, address, more), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen: ClientEvent[] = []
  const waiting = new Map<string, { resolve(event: ClientEvent): void; reject(e: Error): void }>()
  let ended = false

  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as ClientEvent
      const taker = waiting.get(event.event)
      waiting.delete(event.event)
      if (taker) taker.resolve(event)
      else seen.push(event)
    })
  child.once('close', () => {
    ended = true
    for (const { reject } of waiting.values()) reject(new Error(`the ${mode} client has ended`))
  })

  return {
    next(name) {
      const at = seen.findIndex(({ event }) => event === name)
      const found = seen.splice(at, at < 0 ? 0 : 1)[0]
      if (found) return Promise.resolve(found)
      if (ended) return Promise.reject(new Error(`the ${mode} client has ended`))
      return new Promise((resolve, reject) => waiting.set(name, { resolve, reject }))
    },
    async stop() {
      if (ended) return
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    },
  }
}
