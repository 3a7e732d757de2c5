import { type CommandNode, optionsWithValue, quote } from './command-tree.ts'

/** A script for `source`, or for a file `_conductor` in a folder of `$fpath`. */
export function zshCompletion(nodes: readonly CommandNode[]): string {
  const paths = nodes.flatMap(({ path }) => (path ? [quote(path)] : []))
  const cases = nodes.map((node) => `    (${quote(node.path)}) items=(${items(node)}) ;;`)
  return `#compdef conductor
# Completion of conductor for zsh: source <(conductor completion zsh)
_conductor() {
  local at='' next i
  local -a items
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      (${optionsWithValue(nodes).join('|')})
        # Its value is no command, and may be a file.
        if ((++i == CURRENT)); then _files; return; fi
        ;;
      (--) _files; return ;;
      (-*) ;;
      (*)
        next="\${at:+$at }$words[i]"
        case $next in
          (${paths.join('|')}) at=$next ;;
        esac
        ;;
    esac
  done
  case $at in
${cases.join('\n')}
  esac
  _describe conductor items || _files
}
if [[ $funcstack[1] == _conductor ]]; then _conductor "$@"; else compdef _conductor conductor; fi
`
}

function items({ children, choices, options }: CommandNode): string {
  const item = (name: string, description: string) =>
    quote(`${name.replaceAll(':', '\\:')}:${description}`)
  return [
    ...children.map(({ name, description }) => item(name, description)),
    ...choices.map((choice) => quote(choice)),
    ...options.map(({ long, description }) => item(long, description)),
  ].join(' ')
}
