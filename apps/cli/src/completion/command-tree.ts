import type { Command } from 'commander'

/** One command, as a shell has to know it. */
export interface CommandNode {
  /** Its names from the program on, as in `generate systemd`; empty for the program itself. */
  readonly path: string
  readonly children: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly OptionNode[]
  /** What its first argument may be, where that is fixed. */
  readonly choices: readonly string[]
}

export interface OptionNode {
  /** With two dashes. */
  readonly long: string
  /** With one dash. */
  readonly short: string | undefined
  readonly takesValue: boolean
  readonly description: string
}

/** Every command of `program`, the program first. */
export function commandTree(program: Command): readonly CommandNode[] {
  const globals = optionsOf(program)
  const nodes: CommandNode[] = []
  visit(program, '')
  return nodes

  function visit(command: Command, path: string): void {
    const children = command.commands.map((child) => ({
      name: child.name(),
      description: child.description(),
    }))
    nodes.push({
      ...{ path, children },
      options: command === program ? globals : [...optionsOf(command), ...globals],
      choices: command.registeredArguments[0]?.argChoices ?? [],
    })
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim())
  }
}

function optionsOf(command: Command): OptionNode[] {
  const help = {
    ...{ long: '--help', short: '-h', takesValue: false },
    description: 'display help for command',
  }
  const own = command.options.flatMap(({ long, short, required, optional, description, hidden }) =>
    long && !hidden ? [{ long, short, takesValue: required || optional, description }] : [],
  )
  return command.parent ? own : [...own, help]
}

/** The words that may come next after a command. */
export function wordsAfter({ children, choices, options }: CommandNode): readonly string[] {
  const flags = options.flatMap(({ long, short }) => (short ? [long, short] : [long]))
  return [...children.map(({ name }) => name), ...choices, ...flags]
}

/** Every option that is followed by a value. */
export function optionsWithValue(nodes: readonly CommandNode[]): readonly string[] {
  const taking = nodes.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue))
  return [...new Set(taking.flatMap(({ long, short }) => (short ? [long, short] : [long])))].sort()
}

/** In single quotes, for a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
