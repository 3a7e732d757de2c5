import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MAIN, start } from './testing/program.ts'
import { ran } from './testing/run.ts'
import { terminal } from './testing/terminal.ts'

const PASSWORD = 'correct horse bättery'

/** The built command line, with a password in a pipe. */
function hash(input: string, ...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'hash-password', ...args], { input, encoding: 'utf8' })
}

async function logIn(url: string, password: string): Promise<number> {
  const answer = await fetch(`${url}/api/login`, {
    method: 'POST',
    body: JSON.stringify({ password }),
  })
  return answer.status
}

describe('hash-password', () => {
  it('prints a line that lets the server know the password, which nothing there holds', async () => {
    const { stdout, stderr, status } = hash(`${PASSWORD}\n`)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^scrypt:[\w:-]+\n$/)

    const cwd = temporaryFolder(onTestFinished)
    const command = ['env', `AI_CONDUCTOR_PASSWORD_HASH=${stdout.trim()}`, process.execPath, MAIN]
    const server = start(onTestFinished, cwd, ['serve'], command)
    const url = await until(() => /^Listening on (\S+)$/m.exec(server.stdout)?.[1], {
      timeoutMs: 20_000,
    })
    expect([await logIn(url, PASSWORD), await logIn(url, `${PASSWORD}!`)]).toEqual([200, 401])
    expect(server.stdout).not.toContain('Password')
    const pid = (
      JSON.parse(readFileSync(join(cwd, 'data/running.json'), 'utf8')) as { pid: number }
    ).pid
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(PASSWORD)
    expect(spawnSync('grep', ['-rl', PASSWORD, cwd], { encoding: 'utf8' }).stdout).toBe('')
  })

  it('takes the first line of a pipe, also without an end, and prints JSON where that is asked for', () => {
    const { hash: line } = JSON.parse(hash(PASSWORD, '--json').stdout) as { hash: string }
    expect(line).toMatch(/^scrypt:/)
    expect(hash(`${PASSWORD}\r\nmore`).status).toBe(0)
  })

  it('refuses what the server would refuse, because that cannot see it any more', () => {
    const { status, stdout, stderr } = hash('admin\n')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^conductor: .*everybody tries first; choose another password\n$/)
  })

  it('refuses two that differ, where somebody types', async () => {
    const typed = ['a good password', 'a good passwort']
    const secrets = { isTyped: true, read: async () => typed.shift() ?? '' }
    const { exitCode, out, err } = await ran('/', ['hash-password'], { secrets })
    expect([exitCode, out]).toEqual([1, ''])
    expect(err).toContain('two passwords')
  })
})

describe('hash-password in a terminal', () => {
  it('asks twice, shows nothing of it, and takes backspace and Ctrl-U as the terminal does', async () => {
    const shell = terminal(onTestFinished, temporaryFolder(onTestFinished))
    shell.type('conductor hash-password; echo the e"nd"; stty -a | grep -o ".echo\\b"\n')
    await shell.shows('Password: ')
    shell.type(`wrong\u0015${PASSWORD}x\u007f\r`)
    await shell.shows('Again: ')
    shell.type(`${PASSWORD}\r`)
    await shell.shows('the end')
    expect(shell.text).toMatch(/\bscrypt:[\w:-]+\r\n/)
    expect(shell.text).not.toContain(PASSWORD)
    await shell.shows(' echo')
  })

  it('gives the terminal back as it was when it is interrupted, and prints nothing', async () => {
    const shell = terminal(onTestFinished, temporaryFolder(onTestFinished))
    shell.type(
      'conductor hash-password > out; echo "code $?"; stty -a | grep -o ".echo\\b"; wc -c out\n',
    )
    await shell.shows('Password: ')
    shell.type('half a pass\u0003')
    await shell.shows('code 1')
    await shell.shows(' echo')
    await shell.shows('0 out')
    expect(shell.text).not.toContain('half a pass')
  })
})
