import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { type CheckOptions, check } from '../commands/check.ts'
import { daemonStatus } from '../commands/daemon-status.ts'
import { type Cli, type Json, json } from './cli.ts'

/** To a monitor, a plugin that was called wrongly is unknown; 2 would be an alarm. */
export const UNKNOWN = 3

/** The commands that look at the heartbeat alone, and so need no server that answers. */
export function addMonitorCommands({ program, context, run, stateDir }: Cli): void {
  const folder = (dir: string | undefined) =>
    dir === undefined ? stateDir() : resolve(context.cwd, dir)

  program
    .command('daemon-status')
    .description('tell whether the server lives and works, by its heartbeat')
    .argument('[dir]', 'a state folder')
    .addOption(json())
    .action((dir: string | undefined, options: Json) =>
      run(daemonStatus(context, folder(dir), options)),
    )

  program
    .command('check')
    .exitOverride((error) => {
      const { exitCode, code, message } = error
      throw new CommanderError(exitCode === 0 ? 0 : UNKNOWN, code, message)
    })
    .description('check the heartbeat of the server, as a Nagios plugin')
    .argument('[dir]', 'a state folder')
    .option('-w, --warning <range>', 'age in seconds', '60')
    .option('-c, --critical <range>', 'age in seconds', '120')
    .addOption(json())
    .action((dir: string | undefined, options: CheckOptions) =>
      run(check(context, folder(dir), options)),
    )
}
