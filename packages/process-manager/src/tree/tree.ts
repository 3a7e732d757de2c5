import type { ProcessIdentity } from '@conductor/process-identity'

/** Everything that one launch has led to. Plain JSON, to be kept in a file. */
export interface Tree {
  /** The first process: its pid is also the number of its group and its session. */
  readonly leader: ProcessIdentity
  /** Of `makeCookie`: what its descendants bear in their environment. */
  readonly cookie: string
  /** The folder of its cgroup, where it has one. */
  readonly cgroup?: string | undefined
  /**
   * When the leader's end was seen, by `ticksNow()`. It lets members that show no cookie be believed
   * without their leader, when they are older (default: one of them must show it).
   */
  readonly leaderEndedAt?: number | undefined
}

/** A living process of a tree. */
export interface Member {
  readonly identity: ProcessIdentity
  /** Its short name, at most 15 bytes, as it may have set it itself. */
  readonly name: string
}
