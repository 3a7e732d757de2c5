import { doctor } from '../commands/doctor.ts'
import { printPasswordHash } from '../commands/hash-password.ts'
import { restart } from '../commands/restart.ts'
import { type StartOptions, start } from '../commands/start.ts'
import { status } from '../commands/status.ts'
import { type StopOptions, stop, stopServer } from '../commands/stop.ts'
import { serverSettings } from '../server/state-dir.ts'
import { type Cli, duration, type Json, json, noWait } from './cli.ts'

/** A graceful end may take 15 s by itself. */
const STOP_TIMEOUT = '20s'
const START_TIMEOUT = '10s'

interface RestartOptions extends Json {
  readonly wait: boolean
  readonly force?: boolean
  readonly timeout: number
}

/** The commands about the server itself. */
export function addServerCommands(cli: Cli): void {
  const { program, context, run, stateDir, stateDirFlag, link } = cli
  const { env, cwd } = context
  const settings = () => serverSettings({ flag: stateDirFlag(), env, cwd })

  program
    .command('serve')
    .description('run the server in the foreground, until SIGTERM or Ctrl-C')
    .action(() => run(context.serve(settings()).then(() => 0)))

  program
    .command('start')
    .description('start the server in the background, and print its address when it is ready')
    .option('--timeout <duration>', 'how long it may take', duration, duration(START_TIMEOUT))
    .addOption(json())
    .action((options: StartOptions) => run(start(context, stateDir(), settings(), options)))

  program
    .command('stop')
    .description('end the server gracefully; sessions and daemons go on')
    .option('--timeout <duration>', 'how long it may take', duration, duration(STOP_TIMEOUT))
    .option('--force', 'signal one that does not answer or end, once it is proved to be it')
    .addOption(json())
    .action((options: StopOptions) => run(stop(context, stateDir(), link('stop'), options)))

  program
    .command('restart')
    .description('restart the server; or, by name, a process or a group, replicas one by one')
    .argument('[name]', 'a process, a replica as in web@2, or a group')
    .option(
      '--timeout <duration>',
      'how long the server may take',
      duration,
      duration(STOP_TIMEOUT),
    )
    .option('--force', 'signal a server that does not answer or end')
    .addOption(noWait())
    .addOption(json())
    .action((name: string | undefined, options: RestartOptions) =>
      run(
        name === undefined
          ? restartServer(options)
          : restart(context, link('restart'), name, options),
      ),
    )

  async function restartServer({ timeout, force = false, json }: RestartOptions): Promise<number> {
    await stopServer(context, stateDir(), link('restart'), { timeout, force })
    return start(context, stateDir(), settings(), { timeout, ...(json && { json }) })
  }

  program
    .command('status')
    .description('tell whether the server is ready, where, and how much it looks after')
    .addOption(json())
    .action((options: Json) => run(status(context, stateDir(), link('status'), options)))

  program
    .command('hash-password')
    .description('print what AI_CONDUCTOR_PASSWORD_HASH takes instead of a password')
    .addOption(json())
    .action((options: Json) => run(printPasswordHash(context, options)))

  program
    .command('doctor')
    .description('look for what keeps a server from starting, from working or from being reached')
    .option('--url <url>', 'also the way through a proxy, as in https://conductor.example')
    .addOption(json())
    .action((options: { readonly url?: string; readonly json?: boolean }) =>
      run(doctor(context, stateDir(), settings(), options)),
    )
}
