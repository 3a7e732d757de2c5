import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { examplesIn } from './examples.ts'
import { published } from './workspace.ts'

/** What the compiler says of `code`, were it a file of the package; with the package's own name. */
function complaintsAbout(code: string, dir: string): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(dir, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
      },
    },
  )
  if (!config) throw new Error(`${dir} has no tsconfig.json`)
  const file = join(dir, 'src/readme-example.ts')
  const options = { ...config.options, isolatedDeclarations: false, declaration: false }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.readFile = (path) => (path === file ? code : readFile(path))
  host.getSourceFile = (path, version, ...rest) =>
    path === file
      ? ts.createSourceFile(path, `${code}\nexport {}\n`, version)
      : getSourceFile(path, version, ...rest)
  const program = ts.createProgram([file], options, host)
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

it.each(published)(
  'the example in the README of @conductor/%s is true',
  (_, { dir }) => {
    const examples = examplesIn(dir)
    expect(examples).not.toEqual([])
    expect(examples.flatMap((code) => complaintsAbout(code, dir))).toEqual([])
  },
  60_000,
)

it('notices an example that is not true', () => {
  const [, { dir }] = published.find(([name]) => name === 'machine') ?? ['', { dir: '' }]
  const code = `import { nothing } from '@conductor/machine'`
  expect(complaintsAbout(code, dir)).toEqual([expect.stringContaining("'nothing'")])
}, 60_000)
