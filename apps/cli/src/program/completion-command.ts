import { Argument } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { commandTree } from '../completion/command-tree.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import type { Cli } from './cli.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

const HELP = `
bash, in ~/.bashrc:                  source <(conductor completion bash)
zsh, in ~/.zshrc after compinit:     source <(conductor completion zsh)
fish, in ~/.config/fish/config.fish: conductor completion fish | source`

/** Tells of all commands, whenever they are added. */
export function addCompletionCommand({ program, context, run }: Cli): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    // One of the choices, or we would not be here.
    .action((shell: keyof typeof SHELLS) =>
      run(context.out.write(SHELLS[shell](commandTree(program))).then(() => 0)),
    )
}
