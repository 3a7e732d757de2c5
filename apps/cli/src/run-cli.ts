import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type ExitCode, isCliError } from './cli-error.ts'
import { type CheckOptions, check } from './commands/check.ts'
import { daemonStatus } from './commands/daemon-status.ts'
import { down } from './commands/down.ts'
import { type LogsOptions, logs } from './commands/logs.ts'
import { ps } from './commands/ps.ts'
import { restart } from './commands/restart.ts'
import { type UpOptions, up } from './commands/up.ts'
import { why } from './commands/why.ts'
import type { Context } from './context.ts'
import { createServerLink, type ServerLink } from './server/server-link.ts'
import { findStateDir } from './server/state-dir.ts'

interface Json {
  readonly json?: boolean
}
interface JsonWait extends Json {
  readonly wait: boolean
}

/** To a monitor, a plugin that was called wrongly is unknown; 2 would be an alarm. */
const UNKNOWN = 3

const EPILOGUE = `
Exit codes: 0 fine, 1 failed, 2 wrong usage. check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
daemon-status: 0 healthy, 1 unhealthy, 3 cannot be told.
The server is found by its state folder: --state-dir, else AI_CONDUCTOR_STATE_DIR, else ./data.`

/**
 * Runs one command line.
 *
 * @param args Without the program itself.
 * @returns The exit code. What went wrong stands on stderr, a line for each fault.
 */
export async function runCli(args: readonly string[], context: Context): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  const program = createCommands(context, async (command) => {
    exitCode = await command
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      return error.exitCode === UNKNOWN ? UNKNOWN : 2
    }
    if (context.interrupted.aborted) return 1
    if (!isCliError(error)) throw error
    for (const line of error.text.split('\n')) await context.err.write(`conductor: ${line}\n`)
    return error.code === 'USAGE' ? 2 : 1
  }
}

function createCommands(
  context: Context,
  run: (command: Promise<ExitCode>) => Promise<void>,
): Command {
  const { env, cwd, interrupted } = context
  const program = new Command('conductor')
    .description('Keeps daemons and terminals running. Commands ask the server of a state folder.')
    .option('--state-dir <dir>', 'the state folder of the server')
    .addHelpText('after', EPILOGUE)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.out.write(text),
      writeErr: (text) => void context.err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'conductor: ')),
    })

  const flag = () => program.opts<{ stateDir?: string }>().stateDir
  const stateDir = () => findStateDir({ flag: flag(), env, cwd })
  const folder = (dir: string | undefined) => (dir === undefined ? stateDir() : resolve(cwd, dir))
  /** The server, asked in the name of this command. */
  const link = (name: string): ServerLink =>
    createServerLink({ stateDir: stateDir(), actor: `conductor ${name}`, signal: interrupted })
  const json = () => new Option('--json', 'print JSON')
  const noWait = () => new Option('--no-wait', 'do not wait until it is done')

  program
    .command('serve')
    .description('run the server in the foreground, until SIGTERM or Ctrl-C')
    .action(() => run(context.serve(flag() && resolve(cwd, flag() ?? '')).then(() => 0)))

  program
    .command('ps')
    .description('list the managed processes')
    .addOption(json())
    .action((options: Json) => run(ps(context, link('ps'), options)))

  program
    .command('up')
    .description(
      'start what a processes file says (default: conductor.json, .yaml, .yml), or names',
    )
    .argument('[file-or-names...]', 'a processes file first, and then processes and groups')
    .addOption(noWait())
    .addOption(json())
    .action((args: string[], options: UpOptions) => run(up(context, link('up'), args, options)))

  program
    .command('down')
    .description('stop processes or groups, and what depends on them (default: all)')
    .argument('[names...]')
    .addOption(noWait())
    .addOption(json())
    .action((names: string[], options: JsonWait) =>
      run(down(context, link('down'), names, options)),
    )

  program
    .command('restart')
    .description('restart a process or a group; replicas one after the other')
    .argument('<name>')
    .addOption(noWait())
    .addOption(json())
    .action((name: string, options: JsonWait) =>
      run(restart(context, link('restart'), name, options)),
    )

  program
    .command('logs')
    .description('print what a process wrote')
    .argument('<name>')
    .option('-f, --follow', 'go on with what it writes, also over restarts of the server')
    .option('-n, --lines <count>', 'begin so many lines before the end (default: all)', wholeNumber)
    .action((name: string, options: LogsOptions) => run(logs(context, link('logs'), name, options)))

  program
    .command('why')
    .description('tell why a process is as it is')
    .argument('<name>')
    .addOption(json())
    .action((name: string, options: Json) => run(why(context, link('why'), name, options)))

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

  program
    .command('daemon-status')
    .description('tell whether the server lives and works, by its heartbeat')
    .argument('[dir]', 'a state folder')
    .addOption(json())
    .action((dir: string | undefined, options: Json) =>
      run(daemonStatus(context, folder(dir), options)),
    )

  return program
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number, as in 20.')
}
