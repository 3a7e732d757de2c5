import { Option } from 'commander'
import { isCliError } from '../cli-error.ts'
import { attach } from '../commands/attach.ts'
import { kill } from '../commands/kill.ts'
import { type LogsOptions, logs } from '../commands/logs.ts'
import { ls } from '../commands/ls.ts'
import { type NewSessionOptions, newSession } from '../commands/new-session.ts'
import { NOTIFY_STATES, type NotifyOptions, notify } from '../commands/notify.ts'
import { type RecordOptions, record } from '../commands/record.ts'
import { restore } from '../commands/restore.ts'
import { type SendOptions, send } from '../commands/send.ts'
import { sessionLogs } from '../commands/session-logs.ts'
import { type Cli, duration, type Json, json, wholeNumber } from './cli.ts'

/** The commands about sessions; `logs` is about processes too. */
export function addSessionCommands({ program, context, run, stateDir, link }: Cli): void {
  program
    .command('ls')
    .description('list the sessions')
    .addOption(json())
    .action((options: Json) => run(ls(context, link('ls'), options)))

  program
    .command('new')
    .description('start a session in this folder, and print its id')
    .usage('[options] [-- command [args...]]')
    .argument('[command...]', 'a program and its arguments (default: the shell of the server)')
    .option('--name <name>', 'what people call it')
    .option('--cwd <dir>', 'the folder to start in (default: this one)')
    .option('--agent <agent>', 'an agent instead of a program, as in claude-code')
    .option('--prompt <text>', 'what the agent is told first')
    .addOption(
      new Option('--runtime <runtime>', 'where it runs (default: host)').choices([
        'host',
        'tmux',
        'server',
      ]),
    )
    .option('-a, --attach', 'attach to it at once')
    .addOption(json())
    .action((command: string[], options: NewSessionOptions) =>
      run(newSession(context, stateDir(), link('new'), command, options)),
    )

  program
    .command('attach')
    .description('show a session in this terminal and type into it; Ctrl-] detaches')
    .argument('<session>', 'its id, or its name')
    .action((session: string) => run(attach(context, stateDir(), link('attach'), session)))

  program
    .command('send')
    .description('type text into a session, exactly once')
    .argument('<session>', 'its id, or its name')
    .argument('<text...>', 'words are joined by a space')
    .option('--enter', 'type the return key after it')
    .option('--timeout <duration>', 'how long it may take', duration, duration('30s'))
    .addOption(json())
    .action((session: string, text: string[], options: SendOptions) =>
      run(send(context, stateDir(), link('send'), session, text, options)),
    )

  program
    .command('logs')
    .description('print what a process or a session wrote')
    .argument('<name>', 'a process, or else the id or name of a session')
    .option('-f, --follow', 'go on with what it writes, also over restarts of the server')
    .option('-n, --lines <count>', 'begin so many lines before the end (default: all)', wholeNumber)
    .option('-s, --session', 'a session, also where a process has that name')
    .action((name: string, options: LogsOptions & { readonly session?: boolean }) =>
      run(options.session ? ofSession(name, options) : ofEither(name, options)),
    )

  function ofSession(name: string, options: LogsOptions): Promise<number> {
    return sessionLogs(context, stateDir(), link('logs'), name, options)
  }

  async function ofEither(name: string, options: LogsOptions): Promise<number> {
    try {
      return await logs(context, link('logs'), name, options)
    } catch (error) {
      if (!isCliError(error, 'REFUSED') || error.status !== 404) throw error
      try {
        return await ofSession(name, options)
      } catch (other) {
        // Neither: the words about processes name the command that was meant more often.
        throw isCliError(other, 'REFUSED') && other.status === 404 ? error : other
      }
    }
  }

  program
    .command('kill')
    .description('end every process of sessions, and remove their histories')
    .argument('<sessions...>', 'their ids, or names')
    .addOption(json())
    .action((sessions: string[], options: Json) =>
      run(kill(context, link('kill'), sessions, options)),
    )

  program
    .command('restore')
    .description('start a session that has ended again, under the same id')
    .argument('<session>', 'its id, or its name')
    .addOption(json())
    .action((session: string, options: Json) =>
      run(restore(context, link('restore'), session, options)),
    )

  program
    .command('notify')
    .description('say, from within a session, how its program gets on; for the hooks of agents')
    .addOption(new Option('--state <state>', 'which').choices(NOTIFY_STATES).makeOptionMandatory())
    .option('--text <text>', 'what it is about, for the person who is waited for')
    .option('-q, --quiet', 'never fail, and print nothing')
    .argument('[event...]', 'what some agents append; it is not read')
    .action((_event: string[], options: NotifyOptions) => run(notify(context, options)))

  program
    .command('record')
    .description('write what a session has kept as a recording that asciinema plays')
    .argument('<session>', 'its id, or its name')
    .addOption(
      new Option('--format <format>', 'which')
        .choices(['asciicast-v2', 'asciicast-v3'])
        .default('asciicast-v2'),
    )
    .option('-o, --output <file>', 'where to (default: standard output)')
    .action((session: string, options: RecordOptions) =>
      run(record(context, link('record'), session, options)),
    )
}
