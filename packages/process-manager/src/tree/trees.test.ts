import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, type ProcessIdentity, processState } from '@conductor/process-identity'
import { fakeClock, isAlive, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileText, launcherFor } from '../launch/launch-testing.ts'
import { findCgroupParent, isPopulated, makeCgroup, removeCgroup } from './cgroup.ts'
import { createProcessTable } from './process-table.ts'
import type { Tree } from './tree.ts'
import { systemTreeReaders, type TreeReaders, ticksNow } from './tree-readers.ts'
import { createTrees } from './trees.ts'

/** Launches a script and waits until it has made all the files named. */
async function treeOf(script: string, files: readonly string[] = [], cgroup?: string) {
  const { start, folder } = launcherFor(onTestFinished)
  const { go, identity, cookie, exit } = start(script, { cgroup })
  const tree: Tree = { leader: identity, cookie, ...(cgroup === undefined ? {} : { cgroup }) }
  const trees = createTrees()
  // Nothing of a test that fails may live on.
  onTestFinished(() => void trees.kill(tree))
  go()
  for (const file of files) await fileText(join(folder, file))
  const pidIn = (file: string) => Number(readFileSync(join(folder, file), 'utf8'))
  return { tree, trees, folder, exit, pidIn }
}

const pidsOf = (members: readonly { identity: ProcessIdentity }[]) =>
  members.map(({ identity }) => identity.pid)

describe('a tree', () => {
  it('of a program that ignores SIGTERM is killed whole', async () => {
    const { tree, trees } = await treeOf(
      'trap "" TERM; sh -c "sleep 60; sleep 60" & echo > up; wait; sleep 60',
      ['up'],
    )
    expect(await trees.signal(tree, 'SIGTERM')).toBe('sent')
    expect(trees.isGroupEmpty(tree)).toBe(false)
    expect(await trees.kill(tree)).toEqual([])
    // What init has not waited for yet still counts there.
    await until(() => trees.isGroupEmpty(tree))
    expect(await trees.signal(tree, 'SIGTERM')).toBe('gone')
  })

  it('has those that went away to a session of their own, found by the cookie', async () => {
    const { tree, trees, pidIn } = await treeOf(
      // Forked twice: its parent is gone, its session and its group are its own.
      '(setsid sh -c "echo \\$\\$ > away; exec sleep 60" &) ; exec sleep 60',
      ['away'],
    )
    const away = pidIn('away')
    await until(async () => pidsOf(await trees.members(tree)).includes(away))
    const { name } = (await trees.members(tree)).find((each) => each.identity.pid === away) ?? {}
    expect(name).toMatch(/^(sh|sleep)$/)
    expect(await trees.kill(tree)).toEqual([])
    expect(isAlive(away)).toBe(false)
  })

  it('is killed with those that have left the group, the session and the environment', async () => {
    // As PostgreSQL's children. Its leader dies first, and then nothing says whose they are.
    const { tree, trees, pidIn } = await treeOf(
      'env -i setsid sh -c "echo \\$\\$ > away; exec sleep 60" & wait',
      ['away'],
    )
    expect(await trees.kill(tree)).toEqual([])
    expect(isAlive(pidIn('away'))).toBe(false)
  })

  it('signals those, too', async () => {
    const { tree, trees, pidIn } = await treeOf(
      '(setsid sh -c "echo \\$\\$ > away; exec sleep 60" &) ; exec sleep 60',
      ['away'],
    )
    await trees.signal(tree, 'SIGTERM')
    await trees.whenEmpty(tree)
    expect(isAlive(pidIn('away'))).toBe(false)
  })

  it('without its leader is signalled member by member', async () => {
    const { tree, trees, exit, pidIn } = await treeOf('sleep 60 & echo $! > child', ['child'])
    await exit
    expect(pidsOf(await trees.members(tree))).toEqual([pidIn('child')])
    expect(await trees.signal(tree, 'SIGTERM')).toBe('sent')
    await trees.whenEmpty(tree)
  })

  it('without its leader and without the cookie is believed by the time of that end', async () => {
    const { tree, trees, exit, pidIn } = await treeOf('env -i /bin/sleep 60 & echo $! > child', [
      'child',
    ])
    await exit
    const leaderEndedAt = ticksNow()
    const child = pidIn('child')
    await until(() => readFileSync(`/proc/${child}/environ`, 'utf8') === '')
    expect(await trees.members(tree)).toEqual([])
    expect(pidsOf(await trees.members({ ...tree, leaderEndedAt }))).toEqual([child])
    expect(await trees.kill({ ...tree, leaderEndedAt })).toEqual([])
    expect(isAlive(child)).toBe(false)
  })

  it('of a program that respawns while it is killed comes to its end', async () => {
    const { tree, trees } = await treeOf(
      // Three chains: each link starts the next in a session of its own, and goes. They end by themselves.
      `cat > again.sh <<"E"
[ $1 -lt 300 ] || exit
sleep 0.03
setsid sh again.sh $(($1 + 1)) &
E
for each in 1 2 3; do sh again.sh 0; done
echo > up; exec sleep 60`,
      ['up'],
    )
    await until(async () => (await trees.members(tree)).length > 3)
    expect(await trees.kill(tree)).toEqual([])
    expect(await trees.members(tree)).toEqual([])
  })

  it('that is full of zombies is empty', async () => {
    const { tree, trees, pidIn } = await treeOf(
      // A parent that never waits, outside the group whose leader it holds on to.
      `exec python3 -c '
import os, time
pid = os.fork()
if pid == 0: os._exit(0)
open("zombie", "w").write(str(pid))
time.sleep(60)'`,
      ['zombie'],
    )
    const zombie = pidIn('zombie')
    await until(() => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'utf8')))
    expect(pidsOf(await trees.members(tree))).toEqual([tree.leader.pid])
    expect(await trees.kill(tree)).toEqual([])
    await trees.whenEmpty(tree)
  })

  it('keeps who closes all descriptors and calls itself something else', async () => {
    const { tree, trees, pidIn } = await treeOf(
      `exec python3 -c '
import os, time
pid = os.fork()
if pid == 0:
  os.setsid()
  open("child", "w").write(str(os.getpid()))
  open("/proc/self/comm", "w").write("x) R 1 1 (y")
  os.closerange(0, 4096)
time.sleep(60)'`,
      ['child'],
    )
    const child = pidIn('child')
    await until(() => readFileSync(`/proc/${child}/comm`, 'utf8') === 'x) R 1 1 (y\n')
    const members = await trees.members(tree)
    expect(members.find(({ identity }) => identity.pid === child)?.name).toBe('x) R 1 1 (y')
    expect(await trees.kill(tree)).toEqual([])
  })

  it('waits no longer than it may', async () => {
    const { tree, trees } = await treeOf('exec sleep 60')
    const abort = new AbortController()
    const waiting = trees.whenEmpty(tree, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

const parent = findCgroupParent()

describe.skipIf(!parent)('a tree with a cgroup (skipped where none can be made)', () => {
  it('has whoever hides, and is killed in one step', async () => {
    const cgroup = makeCgroup(parent ?? '', `conductor-test-${process.pid}-${Date.now()}`)
    onTestFinished(async () => void (await until(() => removeCgroup(cgroup))))
    const { tree, trees, pidIn } = await treeOf(
      '(setsid env -i sh -c "echo \\$\\$ > away; exec /bin/sleep 60" &) ; exec sleep 60',
      ['away'],
      cgroup,
    )
    const away = pidIn('away')
    expect(isPopulated(cgroup)).toBe(true)
    expect(pidsOf(await trees.members(tree)).sort()).toEqual([tree.leader.pid, away].sort())
    expect(removeCgroup(cgroup)).toBe(false)
    expect(await trees.kill(tree)).toEqual([])
    expect(isAlive(away)).toBe(false)
    await until(() => trees.isGroupEmpty(tree))
  })
})

describe('a cgroup parent', () => {
  const found = (cgroup: string, mountinfo: string) =>
    findCgroupParent((path) => (path.endsWith('cgroup') ? cgroup : mountinfo))

  it('is none without version 2, outside the mount, or where we may not write', () => {
    expect(found('1:cpu:/\n', '')).toBe(undefined)
    expect(found('0::/../x\n', '1 1 0:1 / / rw - cgroup2 c rw\n')).toBe(undefined)
    expect(found('0::/x\n', '1 1 0:1 / /no\\040such rw - cgroup2 c rw\n')).toBe(undefined)
  })
})

describe('a tree whose pid was used again', () => {
  it('is gone, and nobody is signalled', async () => {
    const sent: [number, unknown][] = []
    const readers: TreeReaders = {
      ...systemTreeReaders,
      platform: 'linux',
      list: () => ['100', '101'],
      readText: (path) => {
        const pid = /^\/proc\/(10[01])\/stat$/.exec(path)?.[1]
        // Both are of the group 100, which is a stranger's now.
        if (pid) return `${pid} (x) S 1 100 100 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 90${pid} 0 0\n`
        return systemTreeReaders.readText(path)
      },
      kill: (pid, signal) => void (signal !== 0 && sent.push([pid, signal])),
    }
    const trees = createTrees({ readers })
    const here = identifyProcess(process.pid)
    if (!here) throw new Error('who are we?')
    const tree: Tree = { leader: { ...here, pid: 100, startTime: '5000' }, cookie: 'ours' }
    expect(trees.isGroupEmpty(tree)).toBe(true)
    expect(await trees.members(tree)).toEqual([])
    expect(await trees.signal(tree, 'SIGTERM')).toBe('gone')
    expect(await trees.kill(tree)).toEqual([])
    expect(sent).toEqual([])
    // The same with its own leader is signalled as one group.
    const own = { ...tree, leader: { ...tree.leader, startTime: '90100' } }
    expect(await trees.signal(own, 'SIGTERM')).toBe('sent')
    expect(sent).toEqual([[-100, 'SIGTERM']])
  })

  it('of another machine is refused', async () => {
    const trees = createTrees({ clock: fakeClock() })
    const here = identifyProcess(process.pid)
    if (!here) throw new Error('who are we?')
    const tree = { leader: { ...here, bootId: 'x', host: 'elsewhere' }, cookie: 'ours' }
    expect(await trees.signal(tree, 'SIGKILL')).toBe('refused')
    expect([await trees.members(tree), trees.isGroupEmpty(tree)]).toEqual([[], false])
    expect(processState(here)).toBe('alive')
  })
})

describe('the table of processes', () => {
  it('is read once for all who ask in one turn, and again for those who ask later', async () => {
    const table = createProcessTable()
    const [a, b] = await Promise.all([table.snapshot(), table.snapshot()])
    expect([table.scans, a === b]).toEqual([1, true])
    const first = table.snapshot()
    await new Promise((resolve) => setImmediate(resolve))
    const second = table.snapshot()
    expect((await first) === (await second)).toBe(false)
    expect(a.some(({ pid }) => pid === process.pid)).toBe(true)
  })
})

it('a hundred trees are stopped and seen to be empty with few scans', async () => {
  const { start } = launcherFor(onTestFinished)
  const table = createProcessTable()
  const trees = createTrees({ table })
  const all = Array.from({ length: 100 }, () => {
    const { go, identity, cookie } = start('', { command: '/bin/sleep', args: ['60'] })
    go()
    return { leader: identity, cookie }
  })
  const startMs = performance.now()
  await Promise.all(
    all.map(async (tree) => {
      await trees.signal(tree, 'SIGTERM')
      await trees.whenEmpty(tree)
    }),
  )
  const spentMs = performance.now() - startMs
  if (existsSync('/proc/self/stat')) expect(table.scans).toBeLessThan(20)
  // Usually some 50 ms; the machine may be busy.
  expect(spentMs).toBeLessThan(2_000)
})
