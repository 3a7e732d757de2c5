import { Command, CommanderError } from 'commander'
import { type ExitCode, isCliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { addGenerateCommands } from './generate/generate.ts'
import type { Cli } from './program/cli.ts'
import { addCompletionCommand } from './program/completion-command.ts'
import { addMonitorCommands, UNKNOWN } from './program/monitor-commands.ts'
import { addProcessCommands } from './program/process-commands.ts'
import { addServerCommands } from './program/server-commands.ts'
import { addSessionCommands } from './program/session-commands.ts'
import { createServerLink } from './server/server-link.ts'
import { findStateDir } from './server/state-dir.ts'

const EPILOGUE = `
Exit codes: 0 fine, 1 failed, 2 wrong usage. check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
daemon-status: 0 healthy, 1 unhealthy, 3 cannot be told. attach: as the program in the session.
The server is found by its state folder: --state-dir, else AI_CONDUCTOR_STATE_DIR, else ./data.`

/**
 * Runs one command line.
 *
 * @param args Without the program itself.
 * @returns The exit code. What went wrong stands on stderr, a line for each fault.
 */
export async function runCli(args: readonly string[], context: Context): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  const program = createProgram(context, async (command) => {
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

function createProgram(context: Context, run: Cli['run']): Command {
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
  const stateDirFlag = () => program.opts<{ stateDir?: string }>().stateDir
  const stateDir = () => findStateDir({ flag: stateDirFlag(), env, cwd })
  const cli: Cli = {
    ...{ program, context, run, stateDirFlag, stateDir },
    link: (command) =>
      createServerLink({
        stateDir: stateDir(),
        actor: `conductor ${command}`,
        signal: interrupted,
      }),
  }
  addServerCommands(cli)
  addProcessCommands(cli)
  addSessionCommands(cli)
  addMonitorCommands(cli)
  addGenerateCommands(cli)
  addCompletionCommand(cli)
  return program
}
