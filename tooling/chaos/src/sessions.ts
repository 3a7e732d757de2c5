import { fileURLToPath } from 'node:url'
import type { NewSession } from './api.ts'

// One level below the package both in sources and when bundled.
const GENERATOR = fileURLToPath(new URL('../src/generator.mjs', import.meta.url))

export interface GeneratorOptions {
  readonly bytes: number
  readonly seed: number
  /** On the average (default: as fast as it goes). */
  readonly bytesPerSecond?: number | undefined
}

/**
 * A session whose output is the generator's and nothing else. Afterwards it waits for one byte of
 * input, and then ends with exit code 0.
 */
export function generatorSession({
  bytes,
  seed,
  bytesPerSecond = 0,
}: GeneratorOptions): NewSession {
  const generate = `"${process.execPath}" "${GENERATOR}" --bytes=${bytes} --seed=${seed} --rate=${bytesPerSecond}`
  return {
    command: '/bin/bash',
    args: ['-c', `stty raw -echo; ${generate}; head -c 1 >/dev/null`],
  }
}

/** A session that writes every byte it is given, unchanged. */
export const rawCatSession: NewSession = {
  command: '/bin/bash',
  args: ['-c', 'stty raw -echo; printf ready; exec cat'],
}
