import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Death } from '../manager-api.ts'
import { codeOf } from '../system-error.ts'

/** As many as s6 keeps. @see https://skarnet.org/software/s6/s6-svdt.html */
export const KEPT_DEATHS = 100

const FILE = 'deaths.jsonl'

/** The tally of one process, on disk. */
export interface Deaths {
  add(death: Death): void
  /** Oldest first. */
  list(): readonly Death[]
}

/**
 * @param folder Made by whoever writes the record; a tally is written after it.
 * @param onTrouble Told when the disk refuses: the tally then lives in memory.
 */
export function openDeaths(folder: string, onTrouble: (error: unknown) => void): Deaths {
  const path = join(folder, FILE)
  let deaths: Death[] | undefined
  let lines = 0

  function load(): Death[] {
    if (deaths) return deaths
    deaths = []
    try {
      const texts = readFileSync(path, 'utf8').split('\n').filter(Boolean)
      lines = texts.length
      deaths = texts.flatMap(parse).slice(-KEPT_DEATHS)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') onTrouble(error)
    }
    return deaths
  }

  return {
    add(death) {
      const all = load()
      all.push(death)
      if (all.length > KEPT_DEATHS) all.shift()
      try {
        // Rewritten only now and then, so that a death costs one appended line.
        if (lines < 2 * KEPT_DEATHS) {
          appendFileSync(path, `${JSON.stringify(death)}\n`, { mode: 0o600 })
          lines++
          return
        }
        writeFileSync(`${path}.tmp`, all.map((each) => `${JSON.stringify(each)}\n`).join(''), {
          mode: 0o600,
        })
        renameSync(`${path}.tmp`, path)
        lines = all.length
      } catch (error) {
        onTrouble(error)
      }
    },
    list: () => [...load()],
  }
}

/** A line that a full disk cut in two is passed over. */
function parse(line: string): Death[] {
  try {
    const value: unknown = JSON.parse(line)
    // Written by `add`; the fields that every line has are the proof.
    return typeof value === 'object' && value !== null && 'at' in value && 'exit' in value
      ? [value as Death]
      : []
  } catch {
    return []
  }
}
