import { type CommandNode, optionsWithValue } from './command-tree.ts'

/** A script for `source`, or for a file `conductor.fish` in `~/.config/fish/completions`. */
export function fishCompletion(nodes: readonly CommandNode[]): string {
  const paths = nodes.flatMap(({ path }) => (path ? [quote(path)] : []))
  const lines = nodes.flatMap(linesOf)
  return `# Completion of conductor for fish: conductor completion fish | source
function __conductor_at
    set -l at
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${optionsWithValue(nodes).map(quote).join(' ')}
                set skip 1
            case '-*'
            case '*'
                set -l next (string join ' ' -- $at $word)
                if contains -- $next ${paths.join(' ')}
                    set at $next
                end
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

function linesOf({ path, children, choices, options }: CommandNode): string[] {
  const here = `complete -c conductor -n ${quote(`__conductor_at ${quote(path)}`)}`
  const word = (name: string, description: string) =>
    `${here} -f -a ${quote(name)}${description ? ` -d ${quote(description)}` : ''}`
  return [
    ...children.map(({ name, description }) => word(name, description)),
    ...choices.map((choice) => word(choice, '')),
    ...options.map(({ long, short, takesValue, description }) =>
      [
        `${here} -l ${long.slice(2)}`,
        ...(short ? [`-s ${short.slice(1)}`] : []),
        ...(takesValue ? ['-r'] : []),
        `-d ${quote(description)}`,
      ].join(' '),
    ),
  ]
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
