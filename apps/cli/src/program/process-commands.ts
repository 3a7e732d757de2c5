import { down } from '../commands/down.ts'
import { ps } from '../commands/ps.ts'
import { type UpOptions, up } from '../commands/up.ts'
import { why } from '../commands/why.ts'
import { type Cli, type Json, type JsonWait, json, noWait } from './cli.ts'

/** The commands about managed processes alone. */
export function addProcessCommands({ program, context, run, link }: Cli): void {
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
    .command('why')
    .description('tell why a process is as it is')
    .argument('<name>')
    .addOption(json())
    .action((name: string, options: Json) => run(why(context, link('why'), name, options)))
}
