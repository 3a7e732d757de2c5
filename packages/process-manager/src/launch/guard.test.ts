import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type ProcessIdentity, parseProcStat, processState } from '@conductor/process-identity'
import { isAlive, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCookie } from './child-environment.ts'
import { createGuard, type Guard } from './guard.ts'
import { GUARD } from './guard-script.ts'
import { fileText, fixture, killGroup, launcherFor } from './launch-testing.ts'

const order = { signal: 'SIGTERM', graceMs: 200 } as const
const dead = (identity: ProcessIdentity) => until(() => processState(identity) === 'dead')

function guardFor(): Guard & { troubles: string[] } {
  const troubles: string[] = []
  const guard = createGuard({ onTrouble: ({ message }) => troubles.push(message) })
  onTestFinished(() => guard.close())
  return Object.assign(guard, { troubles })
}

/** A manager in a process of its own, which guards `sh -c script` and is then killed. */
async function killedManager(script: string, mode: 'guards' | 'reguards' = 'guards') {
  const folder = temporaryFolder(onTestFinished)
  const args = [fixture('manager', onTestFinished), folder, mode, script, makeCookie()]
  const manager = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  onTestFinished(() => void manager.kill('SIGKILL'))
  const leader = JSON.parse(await fileText(join(folder, 'identity'))) as ProcessIdentity
  onTestFinished(() => killGroup(leader))
  await fileText(join(folder, 'up'))
  manager.kill('SIGKILL')
  return {
    folder,
    leader,
    pidIn: async (name: string) => Number(await fileText(join(folder, name))),
  }
}

describe('when the manager is killed, its guard', () => {
  it('asks politely first', async () => {
    const { leader, folder } = await killedManager(
      'trap "echo bye > heard; exit" TERM; echo up > up; while :; do sleep 0.01; done',
    )
    await dead(leader)
    expect(readFileSync(join(folder, 'heard'), 'utf8')).toBe('bye\n')
  })

  it('kills what ignores that, and the whole group of it', async () => {
    const { leader, pidIn } = await killedManager(
      'trap "" TERM; sleep 60 & echo $! > child; echo up > up; wait; sleep 60',
    )
    await dead(leader)
    const child = await pidIn('child')
    await until(() => !isAlive(child))
  })

  it('wakes what is stopped, so that it hears of it', async () => {
    const { leader, folder } = await killedManager(
      'trap "echo bye > heard; exit" TERM; echo up > up; kill -STOP $$; while :; do sleep 0.01; done',
    )
    await dead(leader)
    expect(readFileSync(join(folder, 'heard'), 'utf8')).toBe('bye\n')
  })

  it('ends who went away to a session of its own, by the cookie', async () => {
    const { leader, pidIn } = await killedManager(
      `setsid sh -c 'trap "" TERM; echo $$ > away; echo up > up; sleep 60; sleep 60' & wait`,
    )
    const away = await pidIn('away')
    await dead(leader)
    await until(() => !isAlive(away))
  })

  it('asks those politely, too, and once', async () => {
    const { leader, folder, pidIn } = await killedManager(
      `setsid sh -c 'trap "echo bye >> heard; sleep 0.1; exit" TERM; echo $$ > away; echo up > up; while :; do sleep 0.01; done' & wait`,
    )
    const away = await pidIn('away')
    await dead(leader)
    await until(() => !isAlive(away))
    expect(readFileSync(join(folder, 'heard'), 'utf8')).toBe('bye\n')
  })

  it('ends who is left of a group whose leader has gone', async () => {
    const { leader, pidIn } = await killedManager('sleep 60 & echo $! > child; echo up > up')
    await dead(leader)
    const child = await pidIn('child')
    await until(() => !isAlive(child))
  })
})

describe('a guard', () => {
  it('harms nobody when it is closed, nor whom it has forgotten', async () => {
    const { start } = launcherFor(onTestFinished)
    const guard = guardFor()
    const [kept, forgotten] = [start('exec sleep 60'), start('exec sleep 60')]
    guard.watch(kept.identity, order)
    guard.watch(forgotten.identity, order)
    guard.forget(forgotten.identity)
    const pid = guard.pid ?? 0
    await guard.close()
    expect(isAlive(pid)).toBe(false)
    expect([processState(kept.identity), processState(forgotten.identity)]).toEqual([
      'alive',
      'alive',
    ])
    expect(guard.troubles).toEqual([])
  })

  it('ends only those it still watches, and never a stranger with the same pid', async () => {
    const { start } = launcherFor(onTestFinished)
    const starts = () => start('exec sleep 60')
    const [watched, forgotten, stranger] = [starts(), starts(), starts()]
    // The script by itself: the end of its input is all that it learns of a death.
    const guard = spawn('/bin/sh', ['-c', GUARD], { stdio: ['pipe', 'inherit', 'inherit'] })
    onTestFinished(() => void guard.kill('SIGKILL'))
    guard.stdin.end(
      [
        `+ ${watched.identity.pid} TERM 200 ${watched.cookie} ${watched.identity.startTime}`,
        `+ ${forgotten.identity.pid} TERM 200 ${forgotten.cookie} ${forgotten.identity.startTime}`,
        `+ ${stranger.identity.pid} TERM 0 ${makeCookie()} 1`,
        `- ${forgotten.identity.pid}`,
        '',
      ].join('\n'),
    )
    await until(() => guard.exitCode === 0)
    expect([watched, forgotten, stranger].map(({ identity }) => processState(identity))).toEqual([
      'dead',
      'alive',
      'alive',
    ])
  })

  it('that is killed comes back, tells of it, and knows everything again', async () => {
    const { start } = launcherFor(onTestFinished)
    const guard = guardFor()
    guard.watch(start('exec sleep 60').identity, order)
    const first = guard.pid ?? 0
    process.kill(first, 'SIGKILL')
    await until(() => guard.pid !== undefined && guard.pid !== first)
    expect(guard.troubles).toEqual(['the guard ended with SIGKILL'])
    const { leader } = await killedManager('echo up > up; exec sleep 60', 'reguards')
    await dead(leader)
  })

  it('does not listen to signals for everybody, and holds nothing of ours', async () => {
    const { start } = launcherFor(onTestFinished)
    const guard = guardFor()
    guard.watch(start('exec sleep 60').identity, order)
    const pid = guard.pid ?? 0
    const stat = () => parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    // HUP 1, INT 2, QUIT 3, TERM 15: the bits of those that are ignored.
    await until(() => /SigIgn:\s*[0-9a-f]*4007/.test(readFileSync(`/proc/${pid}/status`, 'utf8')))
    expect(stat()).toMatchObject({ session: pid, processGroup: pid })
    expect(readdirSync(`/proc/${pid}/fd`)).toEqual(['0', '1', '2'])
    expect([1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))).toEqual([
      '/dev/null',
      '/dev/null',
    ])
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('HOME=')
  })
})
