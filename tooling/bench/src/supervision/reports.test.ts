import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { openReports } from './reports.ts'

it('reports come in their order, whoever asks first', async () => {
  const reports = openReports(join(temporaryFolder(onTestFinished), 'r'))
  onTestFinished(() => reports.close())
  appendFileSync(reports.path, 'born 0 100 5000000000 12\nborn 1 101 5000000001 13\n')
  const [first] = await reports.take(1)
  expect(first).toEqual({ what: 'born', number: 0, pid: 100, ns: 5_000_000_000, cpuNs: 12 })
  const others = reports.take(2)
  appendFileSync(reports.path, 'done 1 101 5000000002 14\n')
  expect((await others).map(({ what, ns }) => [what, ns])).toEqual([
    ['born', 5_000_000_001],
    ['done', 5_000_000_002],
  ])
})
