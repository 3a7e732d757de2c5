import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { giveUp, root, say } from './command.mjs'
import { install } from './install.mjs'

/**
 * Installs, builds everything, and runs `tooling/<folder>/src/main.ts` in this process.
 *
 * Node 20 cannot read TypeScript: the entry is bundled first. Packages stay outside the bundle, as a
 * user would import them; only our private fakes, which have no build, go in.
 *
 * @param {string} folder
 * @param {readonly string[]} [programs] Others under its `src` that it starts by itself: `managers/bare`.
 */
export async function runEntry(folder, programs = []) {
  await install()
  say('Building ...')
  await build([])
  // biome-ignore lint/correctness/noUndeclaredDependencies: the root's; these scripts run before anything is installed
  const { build: bundle } = await import('tsup')
  const outDir = `${root}/tooling/${folder}/dist`
  const sources = `${root}/tooling/${folder}/src`
  try {
    await bundle({
      config: false,
      entry: Object.fromEntries(
        ['main', ...programs].map((name) => [name, `${sources}/${name}.ts`]),
      ),
      outDir,
      format: ['esm'],
      target: 'node20',
      tsconfig: `${root}/tooling/${folder}/tsconfig.json`,
      sourcemap: 'inline',
      skipNodeModulesBundle: true,
      noExternal: ['@conductor/testing', '@conductor/browser'],
      silent: true,
    })
  } catch (error) {
    giveUp(`tooling/${folder}/src/main.ts could not be built: ${error.message}`)
  }
  await import(pathToFileURL(`${outDir}/main.js`).href)
}
