import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, type SourceFile, sourcesIn, workspace } from './workspace.ts'

/** Longer than this wants a reason, in lines. A list of promises reads well at greater length. */
const LONG_FILE_LINES = 300
const LONG_TEST_LINES = 400

/** The reasons. */
const longFiles: Readonly<Record<string, string>> = {}

/** Where output and input travel as bytes: a string on the way would change them. */
const dataPaths = [
  'packages/protocol/src',
  'packages/pty-session/src',
  'packages/session-client/src',
  'apps/server/src/ws',
]

/** Decoding that is meant, and why. */
const decodes: Readonly<Record<string, string>> = {
  'packages/protocol/src/bytes.ts': 'names and reasons in frames are text',
  'packages/pty-session/src/host/messages.ts': 'requests are JSON; output never passes here',
  'packages/pty-session/src/log/log-meta.ts': 'meta.json',
  'packages/pty-session/src/log/log-record.ts': 'the name of a signal',
  'packages/pty-session/src/search/': 'people look for text; offsets are those of the bytes',
  'apps/server/src/ws/plain-bridge.ts':
    'its clients speak JSON; the decoder keeps what a block cuts',
}

const DECODING =
  /toString\(\s*['"`](utf-?8|latin1|binary|base64)|['"`]base64['"`]|TextDecoder|StringDecoder|setEncoding/

/** Time, chance and the process belong to `machine/clock.ts`, to apps and to default parameters. */
const AMBIENT =
  /(?<![\w.])(setTimeout\(|setInterval\(|Date\.now|new Date\(\)|Math\.random|process\.env|process\.on\(|console\.)/
const DEFAULT_PARAMETER = /\w+ = (Math\.random|Date\.now)\b/

/** Files and folders for which these are meant, and why. */
const ambient: Readonly<Record<string, string>> = {
  'packages/machine/src/clock.ts': 'is the clock',
  'packages/pty-session/src/host/': 'a program, and links to it: patience with real processes',
}

const all = workspace.flatMap(({ dir }) => sourcesIn(dir))

/** Lines of code that match, as `path:line text`. */
function linesWith(pattern: RegExp, { path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => !/^(\*|\/\/|\/\*)/.test(line) && pattern.test(line))
    .map(({ line, number }) => `${path}:${number} ${line}`)
}

describe('sources', () => {
  it(`have at most ${LONG_FILE_LINES} lines, or a reason`, () => {
    const long = all
      .map(({ path, text, isTest }) => ({ path, isTest, lines: text.split('\n').length - 1 }))
      .filter(({ isTest, lines }) => lines > (isTest ? LONG_TEST_LINES : LONG_FILE_LINES))
      .filter(({ path }) => !longFiles[path])
      .map(({ path, lines }) => `${path}: ${lines}`)
    expect(long).toEqual([])
  })

  it('carry bytes as bytes from the pty to the screen', () => {
    const found = dataPaths
      .flatMap((path) => sourcesIn(join(root, path)))
      .filter(
        ({ isTest, path }) =>
          !isTest && !Object.keys(decodes).some((each) => path.startsWith(each)),
      )
      .flatMap((source) => linesWith(DECODING, source))
    expect(found).toEqual([])
  })

  it('take time, chance and the process from outside, in packages', () => {
    const found = workspace
      .filter(({ group, manifest }) => group === 'packages' && !manifest.private)
      .flatMap(({ dir }) => sourcesIn(join(dir, 'src')))
      .filter(
        ({ isTest, path }) =>
          !isTest && !Object.keys(ambient).some((each) => path.startsWith(each)),
      )
      .flatMap((source) => linesWith(AMBIENT, source))
      .filter((line) => !DEFAULT_PARAMETER.test(line))
    expect(found).toEqual([])
  })

  it('leave out no reason that has become untrue', () => {
    const paths = all.map(({ path }) => path)
    const reasons = { ...longFiles, ...decodes, ...ambient }
    expect(
      Object.keys(reasons).filter((reason) => !paths.some((path) => path.startsWith(reason))),
    ).toEqual([])
  })
})
