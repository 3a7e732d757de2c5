import type { AgentSpec, PromptDelivery, Readiness } from './agent-spec.ts'

/** What a program writes when it begins to read pastes, and so what is typed (DEC private mode 2004). */
const READY: Readiness = { output: '\u001b[?2004h', timeoutMs: 30_000 }
const TYPED: PromptDelivery = { kind: 'after-start', paste: 'bracketed' }
const inArgs = (...args: string[]): PromptDelivery => ({ kind: 'argument', args })

/**
 * The agents that are known without a config. Flags and files of the first four were tried with the real
 * programs, without a network: Claude Code 2.1.330, Codex 0.169.0, OpenCode 1.18.33, Gemini CLI 0.61.0.
 * None of them takes a prompt from a file or from its input and then goes on in the terminal.
 *
 * @see https://code.claude.com/docs/en/cli-reference `--session-id`, `--resume`
 * @see https://developers.openai.com/codex/cli/reference `codex resume`, `--config`
 * @see https://opencode.ai/docs/cli `--session`, `--prompt`
 * @see https://geminicli.com/docs/cli/session-management `--resume`, and where chats are; of `--session-id` only `--help` tells
 * @see https://aider.chat/docs/config/options.html `--chat-history-file`, `--restore-chat-history`
 */
export const builtInAgents: readonly AgentSpec[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    commands: ['claude'],
    launch: ['{args}', '--session-id', '{sessionId}'],
    resume: ['{args}', '--resume', '{sessionId}'],
    prompt: [TYPED, inArgs('--', '{prompt}')],
    session: { kind: 'pinned' },
    transcript: {
      roots: ['{env:CLAUDE_CONFIG_DIR}', '{home}/.claude'],
      path: 'projects/{cwd:dashed}/{sessionId}.jsonl',
      // One without a message of the user is refused like one that is missing.
      contains: '"type":"user"',
    },
    // Left by a Claude Code that we were started from: since 2.1.39 it refuses to start within another.
    env: { unset: ['CLAUDECODE', 'CLAUDE_CODE_ENTRYPOINT'] },
    ready: READY,
    resumeRefused: 'No conversation found with session ID',
  },
  {
    id: 'codex',
    name: 'Codex',
    commands: ['codex'],
    // Any `-c` also keeps it from its shared background server, which outlives it and has another's environment.
    args: ['-c', 'check_for_update_on_startup=false'],
    resume: ['resume', '{args}', '{sessionId}'],
    prompt: [TYPED, inArgs('--', '{prompt}')],
    session: { kind: 'reported' },
    transcript: {
      roots: ['{env:CODEX_HOME}', '{home}/.codex'],
      // sessions/2026/11/21/rollout-2026-11-21T13-32-03-<id>.jsonl
      path: 'sessions/*/*/*/rollout-*-{sessionId}.jsonl',
      ofFolder: '"cwd":{cwd:json}',
    },
    ready: READY,
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    commands: ['opencode'],
    resume: ['{args}', '--session', '{sessionId}'],
    // In one argument, so that a prompt that begins with a dash is no option.
    prompt: [TYPED, inArgs('--prompt={prompt}')],
    // It has a database, and no file for each session: whether a session is in it, only `opencode session list` tells.
    session: { kind: 'reported' },
    ready: READY,
    resumeRefused: 'Session not found',
  },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    commands: ['gemini'],
    launch: ['{args}', '--session-id', '{sessionId}'],
    resume: ['{args}', '--resume', '{sessionId}'],
    prompt: [TYPED, inArgs('--prompt-interactive={prompt}')],
    session: { kind: 'pinned' },
    transcript: {
      roots: ['{home}/.gemini'],
      // tmp/<a name for the folder>/chats/session-2026-11-21T13-32-<first 8 of the id>.jsonl
      path: 'tmp/*/chats/session-*-{sessionId:8}.json*',
      // Before a reply it only has the context that Gemini CLI wrote itself, and is no session to it.
      contains: '"type":"gemini"',
    },
    ready: READY,
    resumeRefused: 'Error resuming session',
  },
  {
    id: 'aider',
    name: 'aider',
    commands: ['aider'],
    // From its documented options, not tried. It has no session ids: a history file of its own stands for one.
    args: ['--no-check-update', '--chat-history-file', '{cwd}/.aider.chat.{sessionId}.md'],
    resume: ['{args}', '--restore-chat-history'],
    prompt: [TYPED],
    session: { kind: 'pinned' },
    transcript: { roots: ['{cwd}'], path: '.aider.chat.{sessionId}.md' },
    ready: READY,
  },
  {
    id: 'shell',
    name: 'Shell',
    // It takes no prompt: one that is saved would be a command that runs again after each reboot.
    commands: ['{env:SHELL}', 'bash', 'zsh', 'sh'],
    session: { kind: 'none' },
  },
  // As the Agent Orchestrator starts them; not tried. Their ids come from hooks, and nothing is promised.
  {
    id: 'cursor',
    name: 'Cursor CLI',
    commands: ['cursor-agent'],
    resume: ['{args}', '--resume', '{sessionId}'],
    prompt: [TYPED, inArgs('--', '{prompt}')],
    session: { kind: 'reported' },
    ready: READY,
  },
  {
    id: 'droid',
    name: 'Droid',
    commands: ['droid'],
    resume: ['{args}', '-r', '{sessionId}'],
    prompt: [TYPED],
    session: { kind: 'reported' },
    ready: READY,
  },
  {
    id: 'crush',
    name: 'Crush',
    commands: ['crush'],
    resume: ['{args}', '--session', '{sessionId}'],
    prompt: [TYPED],
    session: { kind: 'reported' },
    ready: READY,
  },
  {
    id: 'goose',
    name: 'Goose',
    commands: ['goose'],
    args: ['-t', '', '--interactive'],
    launch: ['run', '{args}'],
    resume: ['run', '{args}', '--resume', '--session-id', '{sessionId}'],
    prompt: [TYPED],
    session: { kind: 'reported' },
    ready: READY,
  },
]
