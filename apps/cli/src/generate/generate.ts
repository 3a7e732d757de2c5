import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { supervisorConfig } from './supervisor-config.ts'
import { type Installation, systemdUnit, type UnitUser } from './systemd-unit.ts'
import { findUser, thisInstallation } from './target.ts'

/** What the group needs of the command line. */
export interface GenerateCommands {
  readonly program: Command
  readonly context: Pick<Context, 'cwd' | 'out'>
  /** Runs a command to its end; what it resolves to is the exit code. */
  readonly run: (command: Promise<0>) => Promise<void>
  /** The `--state-dir` of this command line, as it was written. */
  readonly stateDirFlag: () => string | undefined
  /** For tests. */
  readonly installation?: (() => Installation) | undefined
  readonly user?: ((name: string | undefined) => UnitUser) | undefined
}

interface Flags {
  readonly user?: string
  readonly instance?: boolean
  readonly projects?: string
  readonly memory?: string
  readonly cpu?: string
  readonly strict?: boolean
  readonly output?: string
}

/** `generate systemd`, `generate systemd-user` and `generate supervisor`. They ask no server. */
export function addGenerateCommands(commands: GenerateCommands): void {
  const { program, context, run, stateDirFlag } = commands
  const { installation = thisInstallation, user = (name) => findUser(name) } = commands
  const generate = program
    .command('generate')
    .description('print what systemd or supervisord needs to run the server of this installation')

  const path = (of: string | undefined) => of && resolve(context.cwd, of)
  const common = ({ projects, ...flags }: Flags) => ({
    ...flags,
    installation: installation(),
    stateDir: path(stateDirFlag()),
  })
  const unit = (forUser: ((name: string | undefined) => UnitUser) | undefined) => (flags: Flags) =>
    run(
      print(flags, () =>
        systemdUnit({
          ...common(flags),
          user: forUser?.(flags.user),
          instance: flags.instance ?? false,
          projects: path(flags.projects),
        }),
      ),
    )

  async function print({ output }: Flags, text: () => string): Promise<0> {
    const made = text()
    if (output === undefined) await context.out.write(made)
    else write(resolve(context.cwd, output), made)
    return 0
  }

  const limited = (name: string, description: string) =>
    generate
      .command(name)
      .description(description)
      .option('--instance', 'conductor@.service: one server for each project')
      .option('--projects <dir>', 'what holds the projects of instances (default: ~/dev)')
      .option('--memory <limit>', 'as in 512M, 50% or none (default: none, 512M for instances)')
      .option(
        '--cpu <limit>',
        'as in 25% of a processor, or none (default: none, 25% for instances)',
      )
      .option('-o, --output <file>', 'write it there')

  limited('systemd', 'a unit for /etc/systemd/system')
    .option('--user <name>', 'who the server runs as (default: you; conductor, if you are root)')
    .option('--strict', 'take everything from sessions that few programs need')
    .action(unit(user))
  limited('systemd-user', 'a unit for ~/.config/systemd/user').action(unit(undefined))
  generate
    .command('supervisor')
    .description('a program for /etc/supervisor/conf.d')
    .option('--user <name>', 'who the server runs as (default: you; conductor, if you are root)')
    .option('-o, --output <file>', 'write it there')
    .action((flags: Flags) =>
      run(print(flags, () => supervisorConfig({ ...common(flags), user: user(flags.user) }))),
    )
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o644 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('BAD_FILE', `--output: ${why}`, { cause })
  }
}
