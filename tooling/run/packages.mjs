import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './command.mjs'

/** These start real processes, or measure: they have the machine to themselves, in this order. */
const ALONE = [
  'pty-session',
  'server',
  'cli',
  'daemons',
  'supervisors',
  'monitoring',
  'checks',
  'upgrade',
  'web-tests',
  'chaos',
]

/** Waiting is most of what these do, so their files run two at a time. */
const PATIENT = ['daemons', 'supervisors', 'monitoring', 'upgrade', 'web-tests', 'chaos']

/**
 * @typedef {{ name: string, dir: string, alone: boolean, filesAtOnce: number }} TestedPackage
 * @returns {TestedPackage[]} Every package of the workspace that has tests, those that run alone last.
 */
export function testedPackages() {
  const only = process.env.CONDUCTOR_TEST_ONLY?.split(',').map((name) => name.trim())
  return ['packages', 'apps', 'tooling']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((dir) => existsSync(join(dir, 'package.json')))
    .map((dir) => ({ dir, manifest: JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.scripts?.test)
    .map(({ dir, manifest }) => ({ dir, name: manifest.name.replace('@conductor/', '') }))
    .filter(({ name }) => !only || only.includes(name))
    .map((each) => ({
      ...each,
      alone: ALONE.includes(each.name),
      filesAtOnce: PATIENT.includes(each.name) ? 2 : 1,
    }))
    .sort((a, b) => ALONE.indexOf(a.name) - ALONE.indexOf(b.name))
}
