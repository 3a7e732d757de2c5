import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { readDocument } from './documents.ts'
import { conductor, startServer } from './server.ts'

/**
 * One line: text without a bar, then label=value[unit];warn;crit;min;max with blanks between them.
 *
 * @see https://www.monitoring-plugins.org/doc/guidelines.html
 */
const VALUE = String.raw`[^\s'=|]+=-?\d+(?:\.\d+)?(?:us|ms|s|%|[KMGT]?B|c)?(?:;[-@~:.\d]*){0,4}`
const LINE = new RegExp(
  String.raw`^(?:OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?: \| ${VALUE}(?: ${VALUE})*)?\n$`,
)

const check = (...args: readonly string[]) => conductor(onTestFinished, ['check', ...args])

it('the check speaks as plugins do: one line, performance data, four exit codes', async () => {
  const { stateDir } = await startServer(onTestFinished)
  const answers = {
    ok: await check(stateDir),
    warning: await check('--warning', '100:', '--critical', '0:200', stateDir),
    critical: await check('--critical', '100:', stateDir),
    // A range that is none.
    unknown: await check('--warning', 'soon', stateDir),
    elsewhere: await check(temporaryFolder(onTestFinished)),
  }
  expect(Object.values(answers).map(({ code }) => code)).toEqual([0, 1, 2, 3, 2])
  for (const { output } of Object.values(answers)) expect(output).toMatch(LINE)
  expect(answers.ok.output).toMatch(/ \| age=\d+s;60;120;0 uptime=\d+s\n$/)
  rmSync(join(stateDir, 'daemon.heartbeat'))
  expect((await check(stateDir)).code).toBe(2)
})

it('the command definition of the guide runs it with both thresholds', async () => {
  const { stateDir } = await startServer(onTestFinished)
  const line = /command_line\s+(.+)/.exec(readDocument('monitoring/nagios.cfg'))?.[1] ?? ''
  const [program, ...args] = line
    .replace('$_HOSTCONDUCTOR_STATE$', stateDir)
    .replace('$ARG1$', '60')
    .replace('$ARG2$', '120')
    .split(/\s+/)
  expect(program).toMatch(/\/conductor$/)
  expect(args.join(' ')).not.toContain('$')
  expect(await conductor(onTestFinished, args)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^OK - /),
  })
})
