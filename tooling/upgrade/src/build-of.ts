import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a server is built from. Its page is not needed. */
const SOURCES = [
  ...['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'],
  ...['tsconfig.base.json', 'tsup.config.ts', 'packages', 'apps', 'tooling'],
]

const SERVER = ['--filter', '@conductor/server...']
const NOT_NEEDED = ['--filter', '!@conductor/web', '--filter', '!@conductor/testing']

/** A server that is there, or why it cannot be. */
export type Build =
  | { readonly kind: 'built'; readonly program: string; readonly dir: string }
  | { readonly kind: 'missing'; readonly why: string }

/** Where builds are kept, outside of this repository: nothing in them may find its packages. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'conductor-upgrade')
}

/**
 * The server as `commit` had it, built with what that commit's own lockfile names. Some ten seconds the
 * first time; afterwards it is there.
 *
 * Everything happens in a copy with a `node_modules` of its own. No link leads from there into this
 * work tree, so that nothing that cleans up there can clean up here.
 *
 * @param cache Absolute; one folder for each commit is made in it.
 * @returns `missing` where the history does not reach so far back, as in a shallow clone, or where what it
 * needs cannot be installed.
 * @throws when it cannot be built.
 */
export async function buildOf(commit: string, cache: string): Promise<Build> {
  // The build depends on the Node that compiles node-pty.
  const dir = join(cache, `${commit}-node${process.versions.modules}`)
  const program = join(dir, 'apps/server/dist/main.js')
  if (existsSync(program)) return { kind: 'built', program, dir }
  if (!(await succeeds('git', ['-C', ROOT, 'cat-file', '-e', `${commit}^{commit}`])))
    return { kind: 'missing', why: `this clone does not reach back to ${commit.slice(0, 7)}` }

  mkdirSync(cache, { recursive: true })
  const making = mkdtempSync(join(cache, 'making-'))
  try {
    const archive = join(making, 'sources.tar')
    await run('git', ['-C', ROOT, 'archive', '-o', archive, commit, ...SOURCES])
    await run('tar', ['-xf', archive, '-C', making])
    rmSync(archive)
    const why = await pnpm(making, ['install', ...LOCKED, ...SERVER]).then(
      () => undefined,
      (error: Error) => error.message.trim().split('\n').at(-1),
    )
    if (why !== undefined)
      return { kind: 'missing', why: `its dependencies are not to be had: ${why}` }
    // Types are for those who compile against it.
    await pnpm(making, [...SERVER, ...NOT_NEEDED, '-r', 'run', 'build', '--no-dts'])
    // Without its tools it takes a tenth of the room.
    await pnpm(making, ['install', '--prod', ...LOCKED, ...SERVER])
    keep(making, dir)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return { kind: 'built', program, dir }
}

const LOCKED = ['--frozen-lockfile', '--prefer-offline']

/** Another run may have been quicker: then its build is as good. */
function keep(making: string, dir: string): void {
  try {
    renameSync(making, dir)
  } catch (error) {
    if (!existsSync(dir)) throw error
  }
}

/** In the version that this repository names. */
async function pnpm(cwd: string, args: readonly string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly packageManager: string
  }
  const { PATH, HOME, XDG_CACHE_HOME, XDG_DATA_HOME } = process.env
  const env = { PATH, HOME, XDG_CACHE_HOME, XDG_DATA_HOME, CI: 'true' }
  await run('npx', ['--yes', '--prefer-offline', manifest.packageManager, ...args], {
    ...{ cwd, env, maxBuffer: 16 * 1024 * 1024 },
  })
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}
