import { giveUp, pnpm } from './command.mjs'

/**
 * Runs one turbo task, in every package or in those that `filters` name. What has not changed since
 * the last run is not done again.
 *
 * @param {string} task
 * @param {readonly string[]} [filters]
 */
export function turbo(task, filters = []) {
  const chosen = filters.map((filter) => `--filter=${filter}`)
  return pnpm([
    'exec',
    'turbo',
    'run',
    task,
    '--output-logs=errors-only',
    '--continue=dependencies-successful',
    ...chosen,
  ])
}

/**
 * Builds `filters` with all they depend on, or says what failed and ends this script.
 *
 * @param {readonly string[]} filters
 */
export async function build(filters) {
  const { code, output } = await turbo('build', filters)
  if (code !== 0) giveUp(`${output}\nThe build failed.`)
}
