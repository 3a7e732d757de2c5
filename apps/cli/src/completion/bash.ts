import { type CommandNode, optionsWithValue, quote, wordsAfter } from './command-tree.ts'

/** A script for `source`. Where it knows no word, bash offers files. */
export function bashCompletion(nodes: readonly CommandNode[]): string {
  const paths = nodes.flatMap(({ path }) => (path ? [quote(path)] : []))
  const cases = nodes.map(
    (node) => `    ${quote(node.path)}) words=${quote(wordsAfter(node).join(' '))} ;;`,
  )
  return `# Completion of conductor for bash: source <(conductor completion bash)
_conductor() {
  local word=\${COMP_WORDS[COMP_CWORD]} at='' words='' i next
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${optionsWithValue(nodes).join(' | ')})
        # Its value is no command, and may be a file.
        ((++i == COMP_CWORD)) && return
        ;;
      --) return ;;
      -*) ;;
      *)
        next="\${at:+$at }\${COMP_WORDS[i]}"
        case $next in
          ${paths.join(' | ')}) at=$next ;;
        esac
        ;;
    esac
  done
  case $at in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _conductor conductor
`
}
