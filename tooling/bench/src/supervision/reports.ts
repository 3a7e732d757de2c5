import { execFileSync } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What `native/daemon.c` says of itself. */
export interface Report {
  readonly what: 'born' | 'done'
  readonly number: number
  readonly pid: number
  /** CLOCK_MONOTONIC, as `process.hrtime` has it. */
  readonly ns: number
  /** What it has used of the processor so far. */
  readonly cpuNs: number
}

/** A FIFO that daemons write to: so births are timed in the same way, whoever manages them. */
export interface Reports {
  readonly path: string
  /** The next `count` reports, in their order. Rejects when they do not come in time. */
  take(count: number): Promise<readonly Report[]>
  close(): void
}

/** For pm2's 500 on a busy machine. */
const PATIENCE_MS = 120_000

export function openReports(path: string): Reports {
  execFileSync('mkfifo', [path])
  // Open for writing, too: without a writer the FIFO would be at its end.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  const seen: Report[] = []
  let arrived = () => {}
  createInterface({ input: socket }).on('line', (line) => {
    const [what, number, pid, ns, cpuNs] = line.split(' ')
    seen.push({
      what: what === 'done' ? 'done' : 'born',
      number: Number(number),
      pid: Number(pid),
      ns: Number(ns),
      cpuNs: Number(cpuNs),
    })
    arrived()
  })

  return {
    path,
    take: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`${seen.length} of ${count} daemons have reported`))
        }, PATIENCE_MS)
        arrived = () => {
          if (seen.length < count) return
          arrived = () => {}
          clearTimeout(timer)
          resolve(seen.splice(0, count))
        }
        arrived()
      }),
    close() {
      socket.destroy()
    },
  }
}
