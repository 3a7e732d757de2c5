import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { binary, isAlive, signalAll, titled, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nginx, nginxArgs, writeNginxConfig } from './nginx.ts'
import { redis } from './redis.ts'
import { makePlace, openWorld, PATIENCE_MS, type Place, SOON, type World } from './world.ts'

const MIB = 1_048_576
const DISK_BYTES = 4 * MIB
/** Of each of the two files of the log. */
const CAP_BYTES = MIB / 8
const noDisk = whyNoDisk()

describe.skipIf(nginx.missing !== undefined)(
  titled('a daemon that talks too much', nginx.missing),
  { timeout: 90_000 },
  () => {
    it('is cut to the size of its log, and lives', async () => {
      const { manager, pid, talk, logBytes } = await openChatty(makePlace(onTestFinished))
      const first = pid('chatty')
      // Two hundred times its cap. It writes through a file of its own on /dev/stdout.
      await talk(25 * MIB)
      await until(() => logBytes() <= 2 * CAP_BYTES + 64 * 1_024, {
        what: 'the log to be within its cap',
        timeoutMs: PATIENCE_MS,
      })
      expect(pid('chatty')).toBe(first)
      expect(manager.deaths('chatty')).toEqual([])
      expect(manager.log('chatty').size().endOffset).toBeGreaterThan(20 * MIB)
    })

    it.skipIf(noDisk !== undefined)(
      titled('does not fill a disk that is far smaller than what it says', noDisk),
      async () => {
        const place = makePlace(onTestFinished)
        mountSmall(place.root)
        const { manager, pid, talk } = await openChatty(place)
        const first = pid('chatty')
        await talk(5 * DISK_BYTES)
        await until(() => freeBytes(place.root) > DISK_BYTES / 2, { timeoutMs: PATIENCE_MS })
        expect(pid('chatty')).toBe(first)
        expect(manager.deaths('chatty')).toEqual([])
      },
    )
  },
)

describe.skipIf(redis.missing !== undefined || noDisk !== undefined)(
  titled('a disk that is full', redis.missing ?? noDisk),
  { timeout: 90_000 },
  () => {
    it('takes no daemon down, and what ends meanwhile is back once there is room', async () => {
      const place = makePlace(onTestFinished)
      mountSmall(place.root)
      const { manager, folder, root, pid, anotherPid, events } = await openWorld(
        onTestFinished,
        place,
      )
      const own = join(folder, 'redis')
      mkdirSync(own)
      const { spec, ask, memory } = await redis.prepare(own)
      await manager.add(spec)
      await manager.up()
      await memory?.keep('precious')
      const first = pid('redis')

      fill(join(root, 'ballast'))
      expect(await ask()).toBe('+PONG')
      expect(isAlive(first)).toBe(true)
      // The last blocks of its files have room for a few more lines: until one does not fit.
      await until(
        () => {
          signalAll(
            [manager.getPid('redis')].filter((pid) => pid !== undefined),
            'SIGKILL',
          )
          return events.some(
            (event) => event.type === 'trouble' && `${event.error}`.includes('ENOSPC'),
          )
        },
        { what: 'the disk to be noticed as full', timeoutMs: PATIENCE_MS },
      )
      rmSync(join(root, 'ballast'))
      await anotherPid('redis', first)
      expect(await memory?.recall()).toBe('precious')
      await manager.stopProcess('redis')
      expect(manager.getState('redis')).toBe('stopped')
    })
  },
)

interface Chatty extends World {
  /** Makes it write so many bytes. */
  talk(bytes: number): Promise<void>
  /** On disk: what has rotated away is a hole. */
  logBytes(): number
}

/** nginx, with every request in its output at length. */
async function openChatty(place: Place): Promise<Chatty> {
  const world = await openWorld(onTestFinished, place)
  const own = join(world.folder, 'chatty')
  mkdirSync(own)
  const socketPath = join(own, 'nginx.sock')
  writeNginxConfig(own, `unix:${socketPath}`, '/dev/stdout loud')
  await world.manager.add({
    name: 'chatty',
    command: binary('nginx'),
    args: nginxArgs(own),
    cwd: own,
    socketPath,
    ready: { kind: 'socket' },
    liveness: { probe: { kind: 'http', url: 'http://chatty/', socketPath }, periodMs: 500 },
    logs: { maxBytes: CAP_BYTES, files: 1 },
    restart: SOON,
  })
  await world.manager.up()
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  onTestFinished(() => agent.destroy())
  const line = 'x'.repeat(6_000)
  const say = (): Promise<void> =>
    new Promise((resolve, reject) => {
      request({ agent, socketPath, headers: { 'x-line': line } }, (response) =>
        response.resume().once('end', resolve),
      )
        .once('error', reject)
        .end()
    })
  return {
    ...world,
    async talk(bytes) {
      let left = Math.ceil(bytes / line.length)
      const talker = async (): Promise<void> => {
        while (left-- > 0) await say()
      }
      await Promise.all([talker(), talker(), talker(), talker()])
    },
    logBytes() {
      const folder = join(world.root, 'chatty', 'log')
      return readdirSync(folder)
        .map((name) => statSync(join(folder, name)).blocks * 512)
        .reduce((sum, each) => sum + each, 0)
    },
  }
}

function mountSmall(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=0700`, 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
}

/** Only root mounts, and not everywhere. */
function whyNoDisk(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux'
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'nothing can be mounted here'
  }
}

/** Until not one byte more goes in. */
function fill(path: string): void {
  for (let size = MIB; size > 0; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
