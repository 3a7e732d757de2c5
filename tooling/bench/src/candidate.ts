import { startConductor } from './conductor-server.ts'
import type { Address } from './terminal-client.ts'

/** A command that a candidate shows to its viewers. */
export interface Opened {
  readonly address: Address
  /** Every process between the program and the viewer. */
  pids(): readonly number[]
  close(): Promise<void>
}

/** Something that shows a program's terminal over a WebSocket. */
export interface Candidate {
  /** For ids: `hosted`, `ttyd`. */
  readonly name: string
  /** For people. */
  readonly label: string
  open(command: readonly string[]): Promise<Opened>
}

/** Ours: `persistent` sessions have a host of their own, `server` ones live in the server. */
export function conductorCandidates(dir: string): readonly Candidate[] {
  const candidate = (
    name: string,
    label: string,
    durability: 'persistent' | 'server',
  ): Candidate => ({
    name,
    label,
    async open(command) {
      const server = await startConductor({ dir })
      const { address, holderPid } = await server.create(durability, command)
      return {
        address,
        pids: () => [...new Set([server.pid, holderPid])],
        close: () => server.close(),
      }
    },
  })
  return [
    candidate('hosted', 'Conductor, session host', 'persistent'),
    candidate('in-process', 'Conductor, in process', 'server'),
  ]
}
