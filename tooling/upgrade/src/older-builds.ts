/** A server of ours from before, named by the commit that it is built from. */
export interface OlderBuild {
  /** All 40 digits: a short name may mean another commit one day. */
  readonly commit: string
  /** What is old about it. */
  readonly what: string
  /** Whether it manages processes, too. */
  readonly hasProcesses: boolean
}

/** Those whose sessions and daemons the present server must be able to take over. Oldest first. */
export const OLDER_BUILDS: readonly OlderBuild[] = [
  {
    commit: '8804a62ceef656013eb55d21cc451d27f7814dcc',
    what: 'the first with sessions, before run-files had a lock',
    hasProcesses: false,
  },
  {
    commit: '15dd8c3f662f1e81d87f37398d78dafdc79378cd',
    what: 'the first with managed processes',
    hasProcesses: true,
  },
  {
    commit: '0c168ac6c220e10b95784f091a86f23d060d7c3c',
    what: 'the first with agents and a liveness link',
    hasProcesses: true,
  },
]
