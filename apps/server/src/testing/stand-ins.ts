import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './program.ts'

/** Agents that only write down how they were called, and what they were told. */
export interface StandIns {
  /** For `PATH`. */
  readonly binDir: string
  /** For `AI_CONDUCTOR_CONFIG`: agents that are named for how they take their prompt. */
  readonly configPath: string
  /** A line for each call, `name arguments`, and one for each line that was read, `name < line`. */
  calls(): string[]
}

/** In the manner of Claude Code: a folder of transcripts, an id of ours, pastes. */
const CLAUDE = `#!/bin/sh
echo "claude $*" >> "$HOME/calls"
for each; do id=$each; done
folder="$HOME/.claude/projects/$(pwd -P | tr -c 'A-Za-z0-9\\n' '-')"
printf 'claude is here\\n\\033[?2004h> '
while read -r line; do
  echo "claude < $line" >> "$HOME/calls"
  mkdir -p "$folder"; echo '{"type":"user"}' > "$folder/$id.jsonl"
  echo "answered $line"
done
`

const PLAIN = `#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "$HOME/calls"
[ "$name" = reads-file ] && exec < "$1"
printf '%s is here\\n\\033[?2004h> ' "$name"
while read -r line || [ -n "$line" ]; do echo "$name < $line" >> "$HOME/calls"; done
echo "$name is told"
exec sleep 1000
`

export function standIns(home: string): StandIns {
  const binDir = join(home, 'bin')
  mkdirSync(binDir)
  const write = (name: string, text: string) => {
    writeFileSync(join(binDir, name), text)
    chmodSync(join(binDir, name), 0o755)
  }
  const agent = (id: string, prompt: object[], more: object = {}) => {
    write(id, PLAIN)
    return { id, name: id, commands: [id], session: { kind: 'none' }, prompt, ...more }
  }
  write('claude', CLAUDE)
  const ready = { ready: { output: '\u001b[?2004h', timeoutMs: 20_000 } }
  const visible = [{ kind: 'argument', args: ['--task', '{prompt}'] }]
  const agents = [
    agent('typed', [{ kind: 'after-start', paste: 'bracketed' }], ready),
    agent('reads-stdin', [{ kind: 'stdin' }]),
    agent('reads-file', [{ kind: 'file', args: ['{promptFile}'] }]),
    agent('shows', visible),
    agent('may-show', visible, { allowVisiblePrompt: true }),
  ]
  const configPath = join(home, 'config.json')
  writeFileSync(configPath, JSON.stringify({ agents }))
  return {
    binDir,
    configPath,
    calls() {
      try {
        return readFileSync(join(home, 'calls'), 'utf8').split('\n').filter(Boolean)
      } catch {
        return []
      }
    },
  }
}

/** The host that holds a session's program. */
export function hostOf(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** As a power cut does it: every host and every program, at once, without a word. */
export function cutPower(programs: readonly number[]): void {
  const hosts = programs.map(hostOf)
  for (const pid of [...hosts, ...programs]) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}
