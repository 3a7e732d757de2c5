import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const DOCS = new URL('../../../docs/', import.meta.url)

/** The absolute path of a file in `docs`. */
export function documentPath(name: string): string {
  return fileURLToPath(new URL(name, DOCS))
}

export function readDocument(name: string): string {
  return readFileSync(documentPath(name), 'utf8')
}

/**
 * The file that a guide shows, with the addresses of this test.
 *
 * @param changes What stands in the file, and what a test needs there.
 * @throws when the file has no such text: then the test would run something else than it believes.
 */
export function adapt(name: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${name} does not hold ${JSON.stringify(from)}`)
    return text.replaceAll(from, to)
  }, readDocument(name))
}
