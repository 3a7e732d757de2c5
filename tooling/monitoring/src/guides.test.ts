import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { documentPath, readDocument } from './documents.ts'
import { type Answer, conductor } from './server.ts'

const documents = ['guides', 'monitoring'].flatMap((folder) =>
  readdirSync(documentPath(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

/** The commands of `conductor` in a document, each by itself: in blocks of shell, and between backticks. */
function commandsIn(text: string): readonly string[] {
  const shell = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
  const prose = text.replace(/```[\s\S]*?```/g, '')
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...shell, ...inline].flatMap(
    (line) => /(?:^|\$\()(conductor [^)]+)/.exec(line)?.[1] ?? [],
  )
}

const helps = new Map<string, Promise<Answer>>()

/** What `conductor ... --help` says, asked once. */
function helpOf(path: string): Promise<Answer> {
  const help =
    helps.get(path) ?? conductor(onTestFinished, [...path.split(' ').filter(Boolean), '--help'])
  helps.set(path, help)
  return help
}

describe.each(documents)('%s', (name) => {
  const text = readDocument(name)

  it('shows files as they are', () => {
    for (const [, file = '', block = ''] of text.matchAll(
      /<!-- shows: (\S+) -->\n+```\w+\n([\s\S]*?)```/g,
    ))
      expect(block).toBe(readDocument(join(dirname(name), file)))
  })

  it('names commands and options that exist', async () => {
    for (const command of new Set(commandsIn(text))) {
      const words = command.split(/\s+/).slice(1)
      const options = words
        .filter((word) => word.startsWith('--'))
        .map((word) => word.split('=')[0])
      // Only `generate` has commands of its own.
      const known = words
        .slice(0, words[0] === 'generate' ? 2 : 1)
        .filter((word) => /^[a-z][a-z-]*$/.test(word))
      const { code, output } = await helpOf(known.join(' '))
      expect({ command, code }).toEqual({ command, code: 0 })
      expect(output).toContain(`Usage: conductor ${known.join(' ')}`.trimEnd())
      for (const option of options)
        expect({ command, output }).toMatchObject({ output: expect.stringContaining(`${option}`) })
    }
  })
})

it('the guide for proxies shows the files that the tests of proxies run', () => {
  const shown = [...readDocument('guides/behind-a-proxy.md').matchAll(/<!-- shows: (\S+) -->/g)]
  expect(shown.map(([, file]) => file)).toEqual([
    ...['proxy/nginx.conf', 'proxy/Caddyfile'],
    ...['proxy/nginx-below-a-path.conf', 'proxy/Caddyfile-below-a-path'],
  ])
})
