import { spawnSync } from 'node:child_process'
import { temporaryFolder } from '@conductor/testing'
import { Command } from 'commander'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ran } from '../testing/run.ts'
import { commandTree } from './command-tree.ts'

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
const ALL = 'serve start stop restart status doctor ps up down why ls new attach send logs kill'

async function script(shell: string): Promise<string> {
  const { exitCode, out } = await ran('/', ['completion', shell])
  expect(exitCode).toBe(0)
  return out
}

describe('bash', () => {
  /** The words that bash offers for this line, of which the last is being written. */
  async function offered(...words: string[]): Promise<string[]> {
    const program = `${await script('bash')}
      COMP_WORDS=(conductor "$@"); COMP_CWORD=$#; _conductor; printf '%s\\n' "\${COMPREPLY[@]}"`
    const options = { encoding: 'utf8', cwd: temporaryFolder(onTestFinished) } as const
    const { stdout, stderr } = spawnSync(
      'bash',
      ['--norc', '-euc', program, 'bash', ...words],
      options,
    )
    expect(stderr).toBe('')
    return stdout.split('\n').filter(Boolean)
  }

  it('is offered every command, and the options of the one that was written', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(ALL.split(' ')))
    expect(await offered('st')).toEqual(['start', 'stop', 'status'])
    expect(await offered('stop', '--')).toEqual([
      '--timeout',
      '--force',
      '--json',
      '--state-dir',
      '--help',
    ])
    expect(await offered('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })

  it('is not misled by options and their values', async () => {
    expect(await offered('--state-dir', 'stop', 'sta')).toEqual(['start', 'status'])
    expect(await offered('stop', '--timeout', '5s', '--fo')).toEqual(['--force'])
    // A value of an option, and what follows `--`, are files or anything else.
    expect(await offered('--state-dir', 'st')).toEqual([])
    expect(await offered('new', '--', '--')).toEqual([])
  })
})

describe.skipIf(!has('zsh'))('zsh', () => {
  it('takes the script, and is offered the commands', async () => {
    const program = `compdef() { :; }; _files() { :; }
      _describe() { print -rl -- \${(P)2}; }
      ${await script('zsh')}
      words=(conductor st); CURRENT=2; _conductor
      words=(conductor --state-dir stop stop --); CURRENT=5; _conductor`
    const { stdout, stderr } = spawnSync('zsh', ['-fc', program], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^start:start the server/m)
    expect(stdout).toMatch(/^--force:/m)
  })
})

describe.skipIf(!has('fish'))('fish', () => {
  it('takes the script, and is offered the commands', async () => {
    const complete = (line: string) =>
      `complete -C ${JSON.stringify(line)} | string replace -r '\\t.*' ''`
    const program = `${await script('fish')}\n${complete('conductor st')}\necho ---\n${complete('conductor --state-dir x stop --f')}`
    const home = temporaryFolder(onTestFinished)
    const env = { ...process.env, HOME: home }
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', program], {
      encoding: 'utf8',
      env,
    })
    expect(stderr).toBe('')
    expect(stdout).toBe('start\nstatus\nstop\n---\n--force\n')
  })
})

it('every script knows every command', async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    for (const name of ALL.split(' ')) expect(await script(shell)).toContain(name)
})

it('a command in a command has its own words', () => {
  const program = new Command('x').option('-g, --global <value>', 'one')
  program.command('a').command('b').option('--own', 'two')
  const [top, a, b] = commandTree(program)
  expect([top?.path, a?.path, b?.path]).toEqual(['', 'a', 'a b'])
  expect(b?.options.map(({ long }) => long)).toEqual(['--own', '--global', '--help'])
  expect(top?.options[0]).toMatchObject({ long: '--global', short: '-g', takesValue: true })
})
